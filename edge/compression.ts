// zstd for batch bodies: node:zlib where a probe call succeeds (older Denos have the function and throw when it is
// called), else the WebAssembly build. Calls are synchronous: the asynchronous forms block the same thread, and
// batches are small.
import { zstdCompressSync } from "node:zlib";
import { Codec } from "../proto/gen/slipstream/v1/batch_pb.ts";

export interface Compressed {
  codec: Codec;
  body: Uint8Array<ArrayBuffer>;
}

/** `raw` may be a view of memory that changes later: the result is always a copy. */
export type Compress = (raw: Uint8Array) => Compressed;

type Zstd = (raw: Uint8Array) => Uint8Array;

const LEVEL = 1;
// A smaller batch is mostly one of the safety lane, and its columns shrink little: it is worth more early than small.
const COMPRESS_BYTES_MIN = 1024;

/** The fastest zstd this runtime has; `native` can be replaced to test the fallback. */
export async function loadCompress(native: Zstd = zstdNative): Promise<Compress> {
  const zstd = works(native) ? native : await zstdWasm();
  return (raw) => {
    if (raw.length >= COMPRESS_BYTES_MIN) {
      const packed = zstd(raw);
      if (packed.length < raw.length) return { codec: Codec.ZSTD, body: new Uint8Array(packed) };
    }
    return { codec: Codec.NONE, body: new Uint8Array(raw) };
  };
}

function zstdNative(raw: Uint8Array): Uint8Array {
  // chunkSize above the bound of the output: otherwise an empty frame may be appended.
  return zstdCompressSync(raw, { chunkSize: raw.length + (raw.length >> 7) + 1024, params: { 100: LEVEL } });
}

// The library is a singleton that does not survive a second init: once for all owners.
let zstdWasmReady: Promise<Zstd> | undefined;

function zstdWasm(): Promise<Zstd> {
  return zstdWasmReady ??= import("@bokuweb/zstd-wasm").then(async ({ init, compress }) => {
    await init();
    return (raw: Uint8Array) => compress(new Uint8Array(raw), LEVEL);
  });
}

function works(zstd: Zstd): boolean {
  try {
    return zstd(new Uint8Array(256)).length > 0;
  } catch {
    // The probe: any error means that this runtime cannot, whatever its reason.
    return false;
  }
}
