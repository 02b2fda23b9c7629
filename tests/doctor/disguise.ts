// A proxy in front of a real process, through which it looks as if something were wrong with it.
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

export interface Looks {
  /** What is answered instead at a path: of what is answered there really. */
  answers?: Record<string, (told: Record<string, unknown>) => { status?: number; body: unknown }>;
  /** Of what comes down a WebSocket only its first message goes through. */
  firstMessageOnly?: boolean;
}

export class Disguise implements AsyncDisposable {
  readonly url: string;
  readonly #close: () => Promise<void>;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  /** @param url of the process */
  static async of(url: string, { answers = {}, firstMessageOnly = false }: Looks): Promise<Disguise> {
    const target = new URL(url);
    const sockets = new Set<Socket>();
    const server = createServer(async (request, response) => {
      const path = request.url ?? "/";
      const headers = { host: target.host, authorization: request.headers.authorization ?? "" };
      const told = await fetch(new URL(path, url), { headers });
      const text = await told.text();
      const look = answers[path];
      const { status = told.status, body } = look ? look(/^\{/.test(text) ? JSON.parse(text) : {}) : { body: text };
      response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
    });
    server.on("connection", (socket: Socket) => sockets.add(socket));
    server.on("upgrade", (request, client: Socket) => {
      const behind = connect(Number(target.port), target.hostname);
      sockets.add(behind);
      const { rawHeaders } = request;
      const lines = rawHeaders.flatMap((name, i) => i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}`] : []);
      behind.write(`GET ${request.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      let [seen, passed] = [new Uint8Array(), 0];
      behind.on("data", (data: Uint8Array) => {
        seen = new Uint8Array([...seen, ...data]);
        const end = firstMessageOnly ? endOfFirst(seen) : seen.length;
        if (end > passed) client.write(seen.slice(passed, end));
        passed = Math.max(passed, end);
      });
      client.on("data", (data: Uint8Array) => behind.write(data));
      for (const [one, other] of [[client, behind], [behind, client]] as const) {
        one.on("close", () => other.destroy());
        one.on("error", () => other.destroy());
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return new Disguise(`http://127.0.0.1:${port}`, async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

/** Where the first message behind the handshake's answer ends, as far as it is there: RFC 6455 §5.2, less than 126 bytes long. */
function endOfFirst(bytes: Uint8Array): number {
  const text = new TextDecoder("latin1").decode(bytes);
  const beginning = text.indexOf("\r\n\r\n") + 4;
  if (beginning < 4 || bytes.length < beginning + 2) return Math.min(bytes.length, Math.max(beginning, 0));
  return Math.min(bytes.length, beginning + 2 + bytes[beginning + 1]!);
}
