// A client on bare TCP: it can do what no WebSocket library does, such as stopping in the middle of a message.

/** A server that says nothing for so long is not waited for. */
const SILENT_MS_MAX = 30_000;

const HANDSHAKE = {
  host: "localhost",
  upgrade: "websocket",
  connection: "Upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
};

export type Headers = Record<string, string | undefined>;

/** What the server said, when it has ended the connection or said enough. */
export interface Heard {
  /** The first line of its answer; "" when there was none. */
  status: string;
  text: string;
  bytes: Uint8Array;
}

export class RawClient {
  readonly #tcp: Deno.TcpConn;

  private constructor(tcp: Deno.TcpConn) {
    this.#tcp = tcp;
  }

  /** Connects, and says nothing yet. `url`: http://HOST:PORT */
  static async connect(url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url);
    const tcp = await Deno.connect({ hostname, port: Number(port) });
    tcp.setNoDelay(true);
    return new RawClient(tcp);
  }

  /** Connects and asks for a WebSocket; undefined headers are left out. */
  static async upgrade(
    url: string,
    headers: Headers = {},
    { method = "GET", path = "/v1/telemetry" } = {},
  ): Promise<Heard & { client: RawClient }> {
    const client = await RawClient.connect(url);
    const lines = Object.entries({ ...HANDSHAKE, ...headers }).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}: ${value}`]
    );
    await client.write(`${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    return { client, ...await client.hear() };
  }

  /** False: the server has ended the connection. */
  async write(data: string | Uint8Array): Promise<boolean> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    try {
      for (let at = 0; at < bytes.length;) at += await this.#tcp.write(bytes.subarray(at));
      return true;
    } catch (error) {
      if (isEnd(error)) return false;
      throw error;
    }
  }

  /** The next bytes. */
  async hear(): Promise<Heard> {
    const buffer = new Uint8Array(65_536);
    const bytes = buffer.subarray(0, await this.#read(buffer) ?? 0);
    const text = new TextDecoder("latin1").decode(bytes);
    return { status: text.split("\r\n")[0] ?? "", text, bytes };
  }

  /** All there is until it is enough. @throws {Error} when the server ends the connection before */
  async hearUntil(isEnough: (heard: Pick<Heard, "text" | "bytes">) => boolean): Promise<void> {
    const all: number[] = [];
    const heard = () => {
      const bytes = Uint8Array.from(all);
      return { bytes, text: new TextDecoder("latin1").decode(bytes) };
    };
    while (!isEnough(heard())) {
      const { bytes } = await this.hear();
      if (bytes.length === 0) throw new Error(`Cannot go on: the server said no more than "${heard().text}"`);
      all.push(...bytes);
    }
  }

  /** All there is until the server ends the connection. */
  async end(): Promise<Uint8Array> {
    const buffer = new Uint8Array(65_536);
    const all: number[] = [];
    for (let length; (length = await this.#read(buffer)) !== null;) all.push(...buffer.subarray(0, length));
    return Uint8Array.from(all);
  }

  close(): void {
    this.#tcp.close();
  }

  async #read(buffer: Uint8Array): Promise<number | null> {
    const timer = setTimeout(() => this.#tcp.close(), SILENT_MS_MAX);
    try {
      return await this.#tcp.read(buffer);
    } catch (error) {
      if (isEnd(error)) return null;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

function isEnd(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe;
}

/** One WebSocket frame, masked with zeros. `opcode`: 0 goes on with a message, 2 begins a binary one, 9 is a ping. */
export function webSocketFrame(payload: Uint8Array, { opcode = 2, final = true } = {}): Uint8Array {
  const { length } = payload;
  const header = length < 126
    ? [0x80 | length]
    : length < 65_536
    ? [0xfe, length >> 8, length & 255]
    : [0xff, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255];
  return Uint8Array.from([(final ? 0x80 : 0) | opcode, ...header, 0, 0, 0, 0, ...payload]);
}

/** The code of the close frame with which a server's last words end; null: there is none. */
export function closeCode(bytes: Uint8Array): number | null {
  const at = bytes.lastIndexOf(0x88);
  return at === -1 || at + 3 >= bytes.length ? null : bytes[at + 2]! * 256 + bytes[at + 3]!;
}
