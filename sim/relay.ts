// A TCP relay on loopback, between an edge and the aggregator: it can be cut, and heals.

interface Pair {
  client: Deno.TcpConn;
  server: Deno.TcpConn;
}

const PIECE_BYTES = 65_536;

export class Relay implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #target: number;
  readonly #pairs = new Set<Pair>();
  readonly #work = new Set<Promise<void>>();
  #isCut = false;

  /** @param target port on 127.0.0.1 */
  constructor(target: number) {
    this.#target = target;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#track(this.#accept());
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Ends what is connected, and refuses what connects until it is whole again. */
  cut(isCut: boolean): void {
    this.#isCut = isCut;
    if (isCut) { for (const pair of this.#pairs) this.#end(pair); }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut(true);
    await Promise.all(this.#work);
  }

  #track(work: Promise<void>): void {
    const done = work.finally(() => this.#work.delete(done));
    this.#work.add(done);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      if (this.#isCut) client.close();
      else this.#track(this.#connect(client));
    }
  }

  async #connect(client: Deno.TcpConn): Promise<void> {
    const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#target }).catch(() => null);
    if (!server || this.#isCut) {
      client.close();
      server?.close();
      return;
    }
    for (const end of [client, server]) end.setNoDelay(true);
    const pair = { client, server };
    this.#pairs.add(pair);
    await Promise.all([this.#carry(pair, client, server), this.#carry(pair, server, client)]);
  }

  async #carry(pair: Pair, from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const piece = new Uint8Array(PIECE_BYTES);
    try {
      for (let read = await from.read(piece); read !== null; read = await from.read(piece)) {
        for (let written = 0; written < read;) written += await to.write(piece.subarray(written, read));
      }
    } catch (error) {
      // A reset, or our own cut: it is over either way.
      if (!(error instanceof Error)) throw error;
    }
    this.#end(pair);
  }

  #end(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return;
    for (const end of [pair.client, pair.server]) end.close();
  }
}
