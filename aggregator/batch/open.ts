// From a sealed batch to its columns: decompressed, decoded, and as many records as it states.
import type { SealedBatch } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import type { DecodedBatch } from "./columns.ts";
import type { Decompress } from "./decompress.ts";

export interface OpenParts {
  decompress: Decompress;
  /** Throws TypeError or RangeError when malformed. */
  decode: (raw: Uint8Array) => DecodedBatch;
}

/** Its columns, or what is wrong with it. */
export function openBatch(
  sealed: SealedBatch,
  { decompress, decode }: OpenParts,
): DecodedBatch | { malformed: string } {
  const opened = decompress(sealed);
  if ("malformed" in opened) return opened;
  try {
    const columns = decode(opened.raw);
    if (columns.records === sealed.records) return columns;
    return { malformed: `${columns.records} records, ${sealed.records} stated` };
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    return { malformed: error.message };
  }
}
