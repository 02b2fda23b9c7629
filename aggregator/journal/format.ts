// A segment's bytes: a magic number, then entries, each with its length, checksum, number and ingestion time in front.
// What is torn or rotten is told apart from what is good by the checksum, and found again by the entries' numbers.
import { crc32 } from "node:zlib";
import { Checksums } from "./checksums.ts";

/** One journalled entry; `body` is an encoded JournalEntry, a view into the segment. */
export interface StoredEntry {
  /** From 1, without gaps, through all segments. */
  index: number;
  /** Unix µs; grows from one entry to the next. */
  timeUs: number;
  body: Uint8Array;
}

/** Bytes of a segment that are no entries. */
export interface Damage {
  offset: number;
  bytes: number;
}

export interface ScannedSegment {
  entries: StoredEntry[];
  /** In front of an entry that is good: rotten bytes. */
  damaged: Damage[];
  /** Where the last good entry ends: what follows was torn off in the middle of a write. */
  goodBytes: number;
}

/** The last character of a segment's magic number. */
export const JOURNAL_FORMAT = "1";
const MAGIC = new TextEncoder().encode(`SLIPJRN${JOURNAL_FORMAT}`);
/** u32 length of the body, u32 CRC-32 of all that follows, f64 index, f64 time in µs; little endian. */
const HEADER_BYTES = 24;
const CHECKED_FROM = 8;
/** A body above this was never written. */
export const BODY_BYTES_MAX = 16 << 20;

export const SEGMENT_HEADER_BYTES = MAGIC.length;
export const SEGMENT_SUFFIX = ".journal";

/** Names sort like the numbers of their first entries. */
export function segmentName(firstIndex: number): string {
  return `${firstIndex}`.padStart(16, "0") + SEGMENT_SUFFIX;
}

export function segmentHeader(): Uint8Array {
  return MAGIC.slice();
}

/** The format of a segment that begins so; null where that is rotten, or not there. */
export function formatOf(start: Uint8Array): string | null {
  return /^SLIPJRN([0-9A-Z])$/.exec(new TextDecoder("latin1").decode(start.subarray(0, MAGIC.length)))?.[1] ?? null;
}

/** @throws {RangeError} when the body is longer than BODY_BYTES_MAX */
export function encodeStored({ index, timeUs, body }: StoredEntry): Uint8Array<ArrayBuffer> {
  if (body.length > BODY_BYTES_MAX) throw new RangeError(`Cannot journal an entry: it has ${body.length} bytes`);
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length, true);
  view.setFloat64(8, index, true);
  view.setFloat64(16, timeUs, true);
  bytes.set(body, HEADER_BYTES);
  view.setUint32(4, crc32(bytes.subarray(CHECKED_FROM)), true);
  return bytes;
}

/** All good entries of a segment, whatever else is in it. */
export function scanSegment(bytes: Uint8Array): ScannedSegment {
  const scanned: ScannedSegment = { entries: [], damaged: [], goodBytes: 0 };
  let offset = MAGIC.every((byte, i) => bytes[i] === byte) ? MAGIC.length : 0;
  scanned.goodBytes = offset;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const checksums = new Checksums(bytes);
  while (offset < bytes.length) {
    const entry = readStored(bytes, view, offset, checksums);
    if (!entry) {
      offset++;
      continue;
    }
    const skipped = offset - scanned.goodBytes;
    if (skipped > 0) scanned.damaged.push({ offset: scanned.goodBytes, bytes: skipped });
    scanned.entries.push(entry);
    offset += HEADER_BYTES + entry.body.length;
    scanned.goodBytes = offset;
  }
  return scanned;
}

// One view for the whole segment: looking for the next good entry visits every byte.
function readStored(bytes: Uint8Array, view: DataView, offset: number, checksums: Checksums): StoredEntry | null {
  if (bytes.length - offset < HEADER_BYTES) return null;
  const length = view.getUint32(offset, true);
  if (length > BODY_BYTES_MAX || length > bytes.length - offset - HEADER_BYTES) return null;
  const index = view.getFloat64(offset + 8, true);
  const timeUs = view.getFloat64(offset + 16, true);
  // Before the checksum, which costs more.
  if (!Number.isSafeInteger(index) || index < 1 || !Number.isSafeInteger(timeUs) || timeUs < 0) return null;
  const end = offset + HEADER_BYTES + length;
  if (view.getUint32(offset + 4, true) !== checksums.of(offset + CHECKED_FROM, end)) return null;
  return { index, timeUs, body: bytes.subarray(offset + HEADER_BYTES, end) };
}
