// Batch ids: UUIDv7 (RFC 9562 §5.7), so that they sort by time and need no coordination between edges.

/**
 * 16 bytes: 48 bits of Unix ms, version, 74 random bits, variant.
 * @param fill fills an array with random bytes, such as `crypto.getRandomValues`.
 */
export function uuidV7(nowMs: number, fill: (bytes: Uint8Array<ArrayBuffer>) => void): Uint8Array<ArrayBuffer> {
  const id = new Uint8Array(16);
  fill(id);
  const view = new DataView(id.buffer);
  view.setUint16(0, Math.floor(nowMs / 2 ** 32));
  view.setUint32(2, nowMs % 2 ** 32);
  id[6] = (id[6]! & 0x0f) | 0x70;
  id[8] = (id[8]! & 0x3f) | 0x80;
  return id;
}

/** A batch id as a key for maps: hexadecimal without dashes. */
export function batchKey(id: Uint8Array): string {
  return (id as Uint8Array & { toHex?: () => string }).toHex?.() ??
    Array.from(id, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
