// The pipeline's state as of one journal entry, as a file: what makes a restart as short as the tail behind it.
import { deserialize, serialize } from "node:v8";
import { crc32 } from "node:zlib";
import { type PipelineState, STATE_VERSION } from "../pipeline/saved.ts";
import type { Disk } from "./disk.ts";

export interface Checkpoint {
  /** The last entry that the state contains. */
  index: number;
  /** That entry's time in Unix µs. */
  timeUs: number;
  state: PipelineState;
}

const SUFFIX = ".checkpoint";
const MAGIC = new TextEncoder().encode("SLIPCKP1");
/** The magic number, u32 version of the state, u32 CRC-32 of the rest. */
const HEADER_BYTES = MAGIC.length + 8;

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

/** Blocks while it serializes. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const content: Uint8Array = serialize(checkpoint);
  const bytes = new Uint8Array(HEADER_BYTES + content.length);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(MAGIC.length, STATE_VERSION, true);
  view.setUint32(MAGIC.length + 4, crc32(content), true);
  bytes.set(content, HEADER_BYTES);
  return bytes;
}

/** Null for a file that is damaged, or of another version of the state. */
export function decodeCheckpoint(bytes: Uint8Array<ArrayBuffer>): Checkpoint | null {
  if (bytes.length < HEADER_BYTES || !MAGIC.every((byte, i) => bytes[i] === byte)) return null;
  const view = new DataView(bytes.buffer);
  const content = bytes.subarray(HEADER_BYTES);
  if (view.getUint32(MAGIC.length, true) !== STATE_VERSION) return null;
  if (view.getUint32(MAGIC.length + 4, true) !== crc32(content)) return null;
  return deserialize(content);
}

/** The newest checkpoint that can be read, at or before an entry; null without any. `onUnreadable` hears of others. */
export function loadCheckpoint(
  disk: Pick<Disk, "list" | "read">,
  { atMost = Infinity, onUnreadable }: { atMost?: number; onUnreadable: (index: number) => void },
): Checkpoint | null {
  for (const index of listCheckpoints(disk).reverse()) {
    if (index > atMost) continue;
    const checkpoint = decodeCheckpoint(disk.read(checkpointName(index)));
    if (checkpoint) return checkpoint;
    onUnreadable(index);
  }
  return null;
}
