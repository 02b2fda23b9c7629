// Why a WebSocket is closed: a close frame has no place for more than 123 bytes (RFC 6455 §5.5), and sockets throw over them.

const BYTES_MAX = 123;

/** As much of it as fits. */
export function closeReason(text: string): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(BYTES_MAX));
  return text.slice(0, read);
}
