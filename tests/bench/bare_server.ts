// What TLS costs where nothing else is done, as a process: a `ws` that counts messages, on node:http, or on node:https that
// asks for certificates, as the edge's server does. Told the files of its certificate and of the CA, for TLS:
// deno run -A tests/bench/bare_server.ts [SERVER.pem CA.pem]. GET / tells.
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { WebSocketServer } from "ws";

interface PingedSocket extends WebSocket {
  on(event: "ping", listener: (data: Uint8Array) => void): void;
  pong: (data: Uint8Array) => void;
}

interface Upgrader {
  handleUpgrade: (
    request: IncomingMessage,
    tcp: Socket,
    head: Uint8Array,
    taken: (socket: PingedSocket) => void,
  ) => void;
}
const Upgrader = WebSocketServer as unknown as new (options: Record<string, unknown>) => Upgrader;

const [certificate, authority] = Deno.args;
let frames = 0;
// Each ping is answered, as the load counts them: of several that come at once `ws` itself leaves some out.
const upgrader = new Upgrader({ noServer: true, clientTracking: false, perMessageDeflate: false, autoPong: false });

const server = certificate === undefined || authority === undefined ? createHttpServer() : createHttpsServer({
  ...{ cert: Deno.readTextFileSync(certificate), key: Deno.readTextFileSync(certificate) },
  ...{ ca: Deno.readTextFileSync(authority), requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.3" },
});
server.on("upgrade", (request: IncomingMessage, tcp: Socket, head: Uint8Array) => {
  upgrader.handleUpgrade(request, tcp, head, (socket) => {
    socket.binaryType = "nodebuffer" as BinaryType;
    socket.onmessage = () => frames++;
    socket.on("ping", (data) => socket.pong(data));
  });
});
server.on("request", (_, answer) => answer.end(JSON.stringify({ frames })));
server.listen({ host: "127.0.0.1", port: 0 }, () => {
  const { port } = server.address() as AddressInfo;
  console.log(`listening on ${certificate === undefined ? "http" : "https"}://127.0.0.1:${port}`);
});
