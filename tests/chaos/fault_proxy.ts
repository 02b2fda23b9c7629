// A TCP proxy on loopback that does to a link what networks do: swallow, cut, delay, slow down, refuse.

/** What the link does to its bytes; each direction may be treated on its own. */
export interface LinkFault {
  /** Bytes in these directions go nowhere, and nobody is told. */
  swallow?: { up?: boolean; down?: boolean };
  /** ms that each piece waits. */
  delayMs?: number;
  /** Bytes a second, up. */
  bytesPerS?: number;
  /** New connections are closed at once. */
  refuse?: boolean;
  /** Each connection is cut after so many more bytes up: in the middle of a message. */
  cutAfterBytes?: number;
}

interface Link {
  client: Deno.TcpConn;
  server: Deno.TcpConn;
}

/** Between whoever connects to `port` and `target`, both on 127.0.0.1. */
export class FaultProxy implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #target: () => number;
  readonly #links = new Set<Link>();
  readonly #pumps = new Set<Promise<void>>();
  #fault: LinkFault = {};
  #closed = false;

  constructor(target: () => number) {
    this.#target = target;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#track(this.#accept());
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  get connections(): number {
    return this.#links.size;
  }

  /** From now on, for all links; `{}` heals. */
  set fault(fault: LinkFault) {
    this.#fault = { ...fault };
  }

  /** Ends every link without a close handshake. */
  cut(): void {
    for (const link of this.#links) this.#end(link);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#listener.close();
    this.cut();
    await Promise.all(this.#pumps);
  }

  #track(work: Promise<void>): void {
    const done = work.finally(() => this.#pumps.delete(done));
    this.#pumps.add(done);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      if (this.#fault.refuse) client.close();
      else this.#track(this.#connect(client));
    }
  }

  async #connect(client: Deno.TcpConn): Promise<void> {
    const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#target() }).catch(() => null);
    if (!server || this.#closed) {
      client.close();
      server?.close();
      return;
    }
    client.setNoDelay(true);
    server.setNoDelay(true);
    const link = { client, server };
    this.#links.add(link);
    await Promise.all([this.#pump(link, "up"), this.#pump(link, "down")]);
  }

  async #pump(link: Link, direction: "up" | "down"): Promise<void> {
    const [from, to] = direction === "up" ? [link.client, link.server] : [link.server, link.client];
    const buffer = new Uint8Array(16_384);
    try {
      for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
        const { swallow, delayMs = 0, bytesPerS, cutAfterBytes } = this.#fault;
        if (swallow?.[direction]) continue;
        const slowMs = bytesPerS && direction === "up" ? (read / bytesPerS) * 1000 : 0;
        if (delayMs + slowMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs + slowMs));
        if (direction === "up" && cutAfterBytes !== undefined && read > cutAfterBytes) {
          await writeAll(to, buffer.subarray(0, cutAfterBytes));
          break;
        }
        if (cutAfterBytes !== undefined && direction === "up") this.#fault.cutAfterBytes = cutAfterBytes - read;
        await writeAll(to, buffer.subarray(0, read));
      }
    } catch (error) {
      // A reset, or our own close: the link is over either way.
      if (!(error instanceof Error)) throw error;
    }
    this.#end(link);
  }

  #end(link: Link): void {
    if (!this.#links.delete(link)) return;
    for (const end of [link.client, link.server]) end.close();
  }
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await to.write(bytes.subarray(written));
}
