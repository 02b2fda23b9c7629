// The pipeline's state as of one journal entry, as a file: what makes a restart as short as the tail behind it.
import { deserialize, serialize } from "node:v8";
import { crc32 } from "node:zlib";
import { STATE_VERSION, type StatePiece } from "../pipeline/state/saved.ts";
import type { Disk } from "./disk.ts";

export interface Checkpoint {
  /** The last entry that the state contains. */
  index: number;
  /** That entry's time in Unix µs. */
  timeUs: number;
  /** The entry with which a drone was erased last: no file may hold it, or what was before; 0: none was. */
  erasedIndex: number;
  state: Iterable<StatePiece>;
}

const SUFFIX = ".checkpoint";
const MAGIC = new TextEncoder().encode("SLIPCKP1");
/** The magic number, u32 version of the state, u32 CRC-32 of the rest: blocks, each of a u32 length and so many bytes. */
const HEADER_BYTES = MAGIC.length + 8;
const LENGTH_BYTES = 4;

/** Indexes of the checkpoints there are, ascending; whether they can be read is another matter. */
export function listCheckpoints(disk: Pick<Disk, "list">): number[] {
  return disk.list()
    .filter(({ name }) => name.endsWith(SUFFIX))
    .map(({ name }) => Number(name.slice(0, -SUFFIX.length)))
    .filter(Number.isSafeInteger);
}

export function checkpointName(index: number): string {
  return `${index}`.padStart(16, "0") + SUFFIX;
}

/** Writes a checkpoint piece by piece: none of them takes long. */
export class CheckpointEncoder {
  readonly #blocks: Uint8Array[] = [];
  #crc = 0;

  add(piece: StatePiece): void {
    this.#add(piece);
  }

  /** The file, in blocks; its place comes last, as that is known last. */
  finish(place: Omit<Checkpoint, "state">): Uint8Array[] {
    this.#add(place);
    const header = new Uint8Array(HEADER_BYTES);
    const view = new DataView(header.buffer);
    header.set(MAGIC);
    view.setUint32(MAGIC.length, STATE_VERSION, true);
    view.setUint32(MAGIC.length + 4, this.#crc, true);
    return [header, ...this.#blocks];
  }

  #add(content: object): void {
    const serialized: Uint8Array = serialize(content);
    const length = new Uint8Array(LENGTH_BYTES);
    new DataView(length.buffer).setUint32(0, serialized.length, true);
    for (const block of [length, serialized]) {
      this.#blocks.push(block);
      this.#crc = crc32(block, this.#crc);
    }
  }
}

/** Null for a file that is damaged, or of another version of the state. */
export function decodeCheckpoint(bytes: Uint8Array<ArrayBuffer>): Checkpoint | null {
  if (versionIn(bytes) !== STATE_VERSION) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (view.getUint32(MAGIC.length + 4, true) !== crc32(bytes.subarray(HEADER_BYTES))) return null;
  return readBlocks(bytes, view);
}

// What has the right checksum and still cannot be read was never written by us: there is an older one, or the journal.
function readBlocks(bytes: Uint8Array<ArrayBuffer>, view: DataView): Checkpoint | null {
  const blocks: unknown[] = [];
  try {
    for (let at = HEADER_BYTES; at < bytes.length;) {
      const from = at + LENGTH_BYTES;
      at = from + view.getUint32(at, true);
      if (at > bytes.length) return null;
      blocks.push(deserialize(bytes.subarray(from, at)));
    }
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
  const place = blocks.pop() as Omit<Checkpoint, "state"> | undefined;
  if (!Number.isSafeInteger(place?.index) || !Number.isFinite(place?.timeUs)) return null;
  return { ...place!, state: blocks as StatePiece[] };
}

/** Of the state in a whole checkpoint that another version wrote; null: it is of this version, or damaged. */
export function otherVersion(bytes: Uint8Array<ArrayBuffer>): number | null {
  const version = versionIn(bytes);
  if (version === null || version === STATE_VERSION) return null;
  const crc = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length + 4, true);
  return crc === crc32(bytes.subarray(HEADER_BYTES)) ? version : null;
}

/** Indexes of the checkpoints that this version wrote, ascending: others stand for nothing here. */
export function ownCheckpoints(disk: Pick<Disk, "list" | "read">): number[] {
  return listCheckpoints(disk)
    .filter((index) => versionIn(disk.read(checkpointName(index), HEADER_BYTES)) === STATE_VERSION);
}

function versionIn(bytes: Uint8Array<ArrayBuffer>): number | null {
  if (bytes.length < HEADER_BYTES || !MAGIC.every((byte, i) => bytes[i] === byte)) return null;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true);
}
