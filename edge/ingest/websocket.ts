// A WebSocket as what carries a drone's connection, in protobuf (subprotocol slipstream.v1) or in another language.
import type { Identity } from "../../identity/identity.ts";
import { closeReason } from "../../platform/close_reason.ts";
import { CloseCode } from "../../proto/words.ts";
import type { Connection, Protocol, Wire } from "../drones/connection.ts";
import type { Connections } from "../drones/connections.ts";
import { type Greeting, helloWord, type Word } from "../drones/downlink.ts";

/** What is done with what a socket brings. */
export interface SocketParts {
  hello: () => Greeting;
  connections: Pick<Connections, "enter">;
  receive: (connection: Connection, frame: Uint8Array) => void;
  /** What was sent is not even a frame. */
  onUnreadable: (connection: Connection, fault: string) => void;
  /** Runs what may throw; false: it did. */
  attempt: (fn: () => void) => boolean;
  /** A server refused a message for its length, and closes the socket with 1009. */
  onTooLarge: () => void;
}

/** What messages look like, up and down. */
export interface Language {
  protocol: Protocol;
  /** A frame, or what is wrong with it. Null: a message of the other kind than all of its are, binary or text. */
  read: (data: unknown) => Uint8Array | { fault: string } | null;
  write: (word: Word) => Uint8Array<ArrayBuffer> | string;
  /** What to say to who sends the other kind. */
  kind: string;
}

const PROTOBUF: Language = {
  protocol: "websocket",
  read: (data) => data instanceof Uint8Array ? data : data instanceof ArrayBuffer ? new Uint8Array(data) : null,
  write: ({ bytes }) => bytes,
  kind: "A frame is a binary message",
};

/** By these errors `ws` says that it refused a message for its length. */
const TOO_LARGE = new Set(["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH"]);

/** Takes over a drone's socket, open or opening. */
export function accept(
  socket: WebSocket,
  { identity, language = PROTOBUF, ...parts }: SocketParts & { identity?: Identity; language?: Language },
): void {
  socket.binaryType = "arraybuffer";
  // `ws` hands over a view then, where it would copy; others know no such type, and ignore it.
  socket.binaryType = "nodebuffer" as BinaryType;
  const { connection, leave } = parts.connections.enter(webSocketWire(socket, language), identity);
  const greet = () => void connection.send(helloWord(parts.hello()));
  const receive = (data: unknown) => {
    const read = language.read(data);
    if (read instanceof Uint8Array) parts.receive(connection, read);
    else if (read) parts.onUnreadable(connection, read.fault);
    else connection.close(CloseCode.unsupportedData, language.kind);
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

export function webSocketWire(
  socket: WebSocket,
  { protocol, write }: Pick<Language, "protocol" | "write"> = PROTOBUF,
): Wire {
  let sentBytes = 0;
  return {
    protocol,
    isReliable: true,
    get open() {
      return socket.readyState === WebSocket.OPEN;
    },
    get sentBytes() {
      return sentBytes;
    },
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    send: (word) => {
      const message = write(word);
      socket.send(message);
      sentBytes += message.length;
      return true;
    },
    close: (code, reason) => {
      if (socket.readyState <= WebSocket.OPEN) socket.close(code, closeReason(reason));
    },
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
