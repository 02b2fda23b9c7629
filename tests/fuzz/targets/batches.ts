// A sealed batch, as an edge sends it, with a body that claims to be so long: never expanded beyond that.
import { zstdCompressSync } from "node:zlib";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { decodeBatch } from "../../../aggregator/batch/columns.ts";
import { loadDecompress, RAW_BYTES_MAX } from "../../../aggregator/batch/decompress.ts";
import { Codec, SealedBatchSchema } from "../../../proto/gen/slipstream/v1/batch_pb.ts";
import type { Random } from "../../../sim/random.ts";
import { Broken, few, said, type Session, type Target } from "../target.ts";
import { COLUMNS } from "./columns.ts";

function seeds(random: Random): Uint8Array[] {
  const bomb = {
    codec: Codec.ZSTD,
    rawBytes: 4 << 20,
    body: new Uint8Array(zstdCompressSync(new Uint8Array(4 << 20))),
  };
  const bodies = COLUMNS.seeds(random).flatMap((raw) => [
    { codec: Codec.NONE, rawBytes: raw.length, body: raw },
    { codec: Codec.ZSTD, rawBytes: raw.length, body: new Uint8Array(zstdCompressSync(raw)) },
  ]);
  return [bomb, ...bodies].map((body) =>
    toBinary(SealedBatchSchema, create(SealedBatchSchema, { batchId: new Uint8Array(16), ...body, records: 1 }))
  );
}

async function open(): Promise<Session> {
  const decompress = await loadDecompress();
  return {
    run: (input) => {
      const sealed = read(input);
      if (!sealed) return "unreadable";
      const opened = decompress(sealed);
      if ("malformed" in opened) return said(opened.malformed);
      if (opened.raw.length !== sealed.rawBytes || opened.raw.length > RAW_BYTES_MAX) {
        throw new Broken(`${opened.raw.length} bytes of a batch that states ${sealed.rawBytes}`);
      }
      try {
        return `${Codec[sealed.codec]} ${few(decodeBatch(opened.raw).records)}`;
      } catch (error) {
        if (error instanceof RangeError || error instanceof TypeError) return said(error);
        throw error;
      }
    },
  };
}

function read(input: Uint8Array) {
  try {
    return fromBinary(SealedBatchSchema, input);
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

export const BATCHES: Target = { name: "batches", format: "protobuf", bytesMax: 1 << 20, seeds, open };
