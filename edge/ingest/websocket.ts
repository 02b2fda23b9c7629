// A WebSocket, subprotocol slipstream.v1, as what carries a drone's connection.
import type { Identity } from "../../identity/identity.ts";
import { CloseCode } from "../../proto/words.ts";
import type { Connection, Wire } from "../drones/connection.ts";
import type { Connections } from "../drones/connections.ts";
import { type Greeting, helloWord } from "../drones/downlink.ts";

/** What is done with what a socket brings. */
export interface SocketParts {
  hello: () => Greeting;
  connections: Pick<Connections, "enter">;
  receive: (connection: Connection, frame: Uint8Array) => void;
  /** Runs what may throw; false: it did. */
  attempt: (fn: () => void) => boolean;
  /** A server refused a message for its length, and closes the socket with 1009. */
  onTooLarge: () => void;
}

/** By these errors `ws` says that it refused a message for its length. */
const TOO_LARGE = new Set(["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH"]);

/** Takes over a drone's socket, open or opening. */
export function accept(socket: WebSocket, { identity, ...parts }: SocketParts & { identity?: Identity }): void {
  socket.binaryType = "arraybuffer";
  // `ws` hands over a view then, where it would copy; others know no such type, and ignore it.
  socket.binaryType = "nodebuffer" as BinaryType;
  const { connection, leave } = parts.connections.enter(webSocketWire(socket), identity);
  const greet = () => void connection.send(helloWord(parts.hello()));
  const receive = (data: unknown) => {
    if (data instanceof Uint8Array) parts.receive(connection, data);
    else if (data instanceof ArrayBuffer) parts.receive(connection, new Uint8Array(data));
    else connection.close(CloseCode.unsupportedData, "A frame is a binary message");
  };
  socket.onmessage = ({ data }) => {
    if (!parts.attempt(() => receive(data))) connection.close(CloseCode.internalError, "Internal error");
  };
  socket.onerror = (event) => {
    if ("error" in event && TOO_LARGE.has(codeOf(event.error))) parts.onTooLarge();
  };
  // Close can fire twice; an error is followed by it.
  socket.onclose = leave;
  if (socket.readyState === WebSocket.OPEN) greet();
  else socket.onopen = greet;
}

export function webSocketWire(socket: WebSocket): Wire {
  let sentBytes = 0;
  return {
    get open() {
      return socket.readyState === WebSocket.OPEN;
    },
    get sentBytes() {
      return sentBytes;
    },
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    send: ({ bytes }) => {
      socket.send(bytes);
      sentBytes += bytes.length;
      return true;
    },
    close: (code, reason) => {
      if (socket.readyState <= WebSocket.OPEN) socket.close(code, reason);
    },
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
