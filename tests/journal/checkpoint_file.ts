// A checkpoint's file, made at once.
import { type Checkpoint, CheckpointEncoder } from "../../aggregator/journal/checkpoints.ts";

export function checkpointFile(
  { state, erasedIndex = 0, ...place }: Omit<Checkpoint, "erasedIndex"> & { erasedIndex?: number },
): Uint8Array<ArrayBuffer> {
  const encoder = new CheckpointEncoder();
  for (const piece of state) encoder.add(piece);
  return concatenated(encoder.finish({ ...place, erasedIndex }));
}

export function concatenated(blocks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(blocks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const block of blocks) {
    bytes.set(block, at);
    at += block.length;
  }
  return bytes;
}
