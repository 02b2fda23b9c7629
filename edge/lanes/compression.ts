// Batch bodies as they travel: compressed where that is worth its time.
import { loadZstdCompress, type ZstdCompress } from "../../platform/zstd.ts";
import { Codec } from "../../proto/gen/slipstream/v1/batch_pb.ts";

export interface Compressed {
  codec: Codec;
  body: Uint8Array<ArrayBuffer>;
}

/** `raw` may be a view of memory that changes later: the result is always a copy. */
export type Compress = (raw: Uint8Array) => Compressed;

const LEVEL = 1;
// A smaller batch is mostly one of the safety lane, and its columns shrink little: it is worth more early than small.
const COMPRESS_BYTES_MIN = 1024;

/** `native` can be replaced to test the fallback. */
export async function loadCompress(native?: ZstdCompress): Promise<Compress> {
  const zstd = await loadZstdCompress({ level: LEVEL, ...native && { native } });
  return (raw) => {
    if (raw.length >= COMPRESS_BYTES_MIN) {
      const packed = zstd(raw);
      if (packed.length < raw.length) return { codec: Codec.ZSTD, body: new Uint8Array(packed) };
    }
    return { codec: Codec.NONE, body: new Uint8Array(raw) };
  };
}

/** What compresses once it is loaded: an edge takes its first frames before that, and its batches go as they are. */
export interface LateCompress {
  compress: Compress;
  /** Begins to load it. */
  load: () => void;
  /** Resolves when nothing is being loaded any more. */
  settled: () => Promise<void>;
}

/** @param onError it cannot be loaded: batches go as they are for good */
export function lateCompress(onError: (error: unknown) => void, load = () => loadCompress()): LateCompress {
  let compress: Compress = (raw) => ({ codec: Codec.NONE, body: new Uint8Array(raw) });
  let loading = Promise.resolve();
  return {
    compress: (raw) => compress(raw),
    load: () => {
      loading = load().then((loaded) => {
        compress = loaded;
      }).catch(onError);
    },
    settled: () => loading,
  };
}
