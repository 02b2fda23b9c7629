// A WebSocket, subprotocol slipstream.v1, as what carries a drone's connection.
import type { Gate } from "../../identity/gate.ts";
import { ANYONE, type Identity } from "../../identity/identity.ts";
import { closeReason } from "../../platform/close_reason.ts";
import { CloseCode } from "../../proto/words.ts";
import { Connection, type Wire } from "../drones/connection.ts";
import { encodeHello, type Greeting } from "../drones/downlink.ts";

/** What is done with what a socket brings. */
export interface SocketParts {
  hello: () => Greeting;
  /** Monotonic ms. */
  clock: () => number;
  receive: (connection: Connection, data: unknown) => void;
  /** Runs what may throw; false: it did. */
  attempt: (fn: () => void) => boolean;
  /** A server refused a message for its length, and closes the socket with 1009. */
  onTooLarge: () => void;
  gate: Pick<Gate, "hold">;
  onOpen: (connection: Connection) => void;
  onClose: (connection: Connection) => void;
}

/** By these errors `ws` says that it refused a message for its length. */
const TOO_LARGE = new Set(["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH"]);

/** Takes over a drone's socket, open or opening. */
export function accept(
  socket: WebSocket,
  { identity = ANYONE, ...parts }: SocketParts & { identity?: Identity },
): void {
  socket.binaryType = "arraybuffer";
  // `ws` hands over a view then, where it would copy; others know no such type, and ignore it.
  socket.binaryType = "nodebuffer" as BinaryType;
  const connection = new Connection(webSocketWire(socket), { clock: parts.clock, identity });
  const letGo = parts.gate.hold(identity, (why) => connection.close(CloseCode.proofEnded, why));
  let closed = false;
  const opened = () => {
    parts.onOpen(connection);
    connection.send(encodeHello(parts.hello()));
  };
  socket.onmessage = ({ data }) => {
    if (!parts.attempt(() => parts.receive(connection, data))) {
      connection.close(CloseCode.internalError, "Internal error");
    }
  };
  socket.onerror = (event) => {
    if ("error" in event && TOO_LARGE.has(codeOf(event.error))) parts.onTooLarge();
  };
  // Close can fire twice; an error is followed by it.
  socket.onclose = () => {
    if (closed) return;
    closed = true;
    letGo();
    parts.onClose(connection);
  };
  if (socket.readyState === WebSocket.OPEN) opened();
  else socket.onopen = opened;
}

export function webSocketWire(socket: WebSocket): Wire {
  return {
    get open() {
      return socket.readyState === WebSocket.OPEN;
    },
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    send: (bytes) => socket.send(bytes),
    close: (code, reason) => {
      if (socket.readyState <= WebSocket.OPEN) socket.close(code, closeReason(reason));
    },
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
