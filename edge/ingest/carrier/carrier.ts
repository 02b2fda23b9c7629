// What carries the bytes of a protocol that cuts its messages itself: a WebSocket, or a TCP connection.

export interface Carrier {
  readonly open: boolean;
  /** Handed over to be sent and not yet taken by the peer, or by the kernel for it. */
  readonly bufferedBytes: number;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  /** Ends it, once what was sent is out; `code` and `reason` as WebSockets have them. */
  close(code: number, reason: string): void;
}

/** What is done with what it brings. */
export interface Ends {
  bytes: (chunk: Uint8Array) => void;
  /** Text, where there can be any. */
  text: () => void;
  closed: () => void;
}

/** Takes over a socket, open or opening. */
export function overWebSocket(socket: WebSocket, take: (carrier: Carrier) => Ends): void {
  socket.binaryType = "arraybuffer";
  // As `ws` does best; others know no such type, and ignore it.
  socket.binaryType = "nodebuffer" as BinaryType;
  const { bytes, text, closed } = take({
    get open() {
      return socket.readyState === WebSocket.OPEN;
    },
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    send: (bytes) => socket.send(bytes),
    close: (code, reason) => {
      if (socket.readyState <= WebSocket.OPEN) socket.close(code, reason);
    },
  });
  socket.onmessage = ({ data }) => {
    if (data instanceof Uint8Array) bytes(data);
    else if (data instanceof ArrayBuffer) bytes(new Uint8Array(data));
    else text();
  };
  // It is followed by close, which can fire twice.
  socket.onerror = () => {};
  socket.onclose = closed;
}
