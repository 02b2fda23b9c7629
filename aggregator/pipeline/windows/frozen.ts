// Values that are seldom needed again, as few bytes: seconds and windows that records may still come for, a quarter of an
// hour long. zstd where this runtime has it; what is packed is only ever unpacked by the same pipeline or its successor.
import { deserialize, serialize } from "node:v8";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";

const LEVEL = 1;
const PLAIN = 0;
const ZSTD = 1;
const HEADER_BYTES = 5;

/** A value of plain data as bytes: how they are packed, and how many they were. */
export function freeze(value: unknown): Uint8Array<ArrayBuffer> {
  const raw: Uint8Array = serialize(value);
  const packed = pack(raw);
  const bytes = new Uint8Array(HEADER_BYTES + (packed ?? raw).length);
  bytes[0] = packed ? ZSTD : PLAIN;
  new DataView(bytes.buffer).setUint32(1, raw.length, true);
  bytes.set(packed ?? raw, HEADER_BYTES);
  return bytes;
}

/** What `freeze` was given: its type is the caller's word. @throws {Error} when the bytes are not of its making */
export function thaw<T>(bytes: Uint8Array<ArrayBuffer>): T {
  const body = bytes.subarray(HEADER_BYTES);
  if (bytes[0] === PLAIN) return deserialize(body) as T;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1, true);
  const raw = zstdDecompressSync(body, { maxOutputLength: Math.max(1, length), chunkSize: length + 64 });
  if (raw.length !== length) throw new Error(`Cannot thaw: ${raw.length} bytes, ${length} were frozen`);
  return deserialize(raw) as T;
}

// Older runtimes have the function, and throw when it is called.
const hasZstd = works();

function works(): boolean {
  try {
    return compress(new Uint8Array(64)).length > 0;
  } catch {
    return false;
  }
}

function pack(raw: Uint8Array): Uint8Array | null {
  return hasZstd ? compress(raw) : null;
}

function compress(raw: Uint8Array): Uint8Array {
  return zstdCompressSync(raw, { chunkSize: raw.length + (raw.length >> 7) + 1024, params: { 100: LEVEL } });
}
