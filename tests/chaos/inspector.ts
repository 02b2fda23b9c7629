// V8's inspector of another process, for what a soak asks of it: to collect all its garbage, so that the memory that is left
// is memory that is held.

export class Inspector implements Disposable {
  readonly #socket: WebSocket;
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Of a process that was started with `--inspect=127.0.0.1:PORT`. @throws {Error} when none listens there */
  static async connect(port: number): Promise<Inspector> {
    const [target] = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
    const socket = new WebSocket(target.webSocketDebuggerUrl);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`Cannot reach the inspector on port ${port}`));
    });
    return new Inspector(socket);
  }

  /**
   * Resolves when it is done, which takes the process some 100 ms. @throws {Error} when the process has gone
   * @returns bytes of the objects and buffers that are left
   */
  async collectGarbage(): Promise<number> {
    await this.#call("HeapProfiler.collectGarbage");
    const { usedSize = 0, backingStorageSize = 0 } = await this.#call("Runtime.getHeapUsage");
    return usedSize + backingStorageSize;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  #call(method: string): Promise<Record<string, number>> {
    const id = ++this.#calls;
    const ending = new AbortController();
    const { signal } = ending;
    return new Promise<Record<string, number>>((resolve, reject) => {
      this.#socket.addEventListener("message", ({ data }) => {
        const answer = JSON.parse(data);
        if (answer.id === id) resolve(answer.result);
      }, { signal });
      this.#socket.addEventListener("close", () => reject(new Error(`Cannot call ${method}: it has gone`)), { signal });
      this.#socket.send(JSON.stringify({ id, method }));
    }).finally(() => ending.abort());
  }
}

/** A port that nobody listens on now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
