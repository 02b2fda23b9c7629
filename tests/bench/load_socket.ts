// A WebSocket of a load: over bare TCP or TLS, so that it costs the machine as little as possible. Its handshakes are always
// full ones: the runtime keeps no session from one connection to the next.

/** By what a connection proves who it is. */
export interface LoadProof {
  /** PEM; null: plain. */
  ca: string | null;
  /** PEM of certificate and key; null: none. */
  certificate: string | null;
  /** Null: none. */
  token: string | null;
}

export const NO_PROOF: LoadProof = { ca: null, certificate: null, token: null };

/** An open connection, read so far as its answer: `first` has the bytes that came behind it. */
export interface LoadSocket {
  connection: Deno.TcpConn | Deno.TlsConn;
  first: Uint8Array<ArrayBuffer>;
}

const HEAD_END = "\r\n\r\n";

/** @throws {Error} when the server does not make it a WebSocket */
export async function openSocket(url: URL, { ca, certificate, token }: LoadProof): Promise<LoadSocket> {
  const { hostname, pathname, host } = url;
  const at = { hostname, port: Number(url.port) };
  const proof = certificate === null ? {} : { cert: certificate, key: certificate };
  const connection = ca === null ? await Deno.connect(at) : await Deno.connectTls({ ...at, caCerts: [ca], ...proof });
  if ("setNoDelay" in connection) connection.setNoDelay(true);
  const request = [
    `GET ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ...token === null ? [] : [`Authorization: Bearer ${token}`],
  ].join("\r\n");
  await connection.write(new TextEncoder().encode(request + HEAD_END));
  const answer = new Uint8Array(4096);
  let length = 0;
  for (let text = "";;) {
    length += await connection.read(answer.subarray(length)) ?? 0;
    text = new TextDecoder("latin1").decode(answer.subarray(0, length));
    const end = text.indexOf(HEAD_END);
    const [status = ""] = text.split("\r\n");
    if (!status.includes(" 101 ")) throw new Error(`Cannot open a WebSocket at ${url}: ${status}`);
    if (end >= 0) return { connection, first: answer.slice(end + HEAD_END.length, length) };
  }
}
