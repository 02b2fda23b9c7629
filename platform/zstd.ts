// zstd, as fast as this runtime has it: node:zlib where a probe call succeeds (older Denos have the functions and throw when
// they are called), else the WebAssembly build. Calls are synchronous: the asynchronous forms block the same thread, and what
// is compressed here is small.
import { lateNode } from "./late_node.ts";

/** `raw` may be a view of memory that changes later. The result may be as well: copy it before the next call. */
export type ZstdCompress = (raw: Uint8Array) => Uint8Array;

/** The bytes of a frame that holds `rawBytes` of them; more than that never come out: it throws, or stops short. */
export type ZstdDecompress = (frame: Uint8Array, rawBytes: number) => Uint8Array;

/** The fastest there is; `native` can be replaced to test the fallback. */
export async function loadZstdCompress(
  { level, native = nativeCompress(level) }: { level: number; native?: ZstdCompress },
): Promise<ZstdCompress> {
  if (works(() => native(new Uint8Array(256)).length > 0)) return native;
  const { compress } = await library();
  return (raw) => compress(new Uint8Array(raw), level);
}

/** The fastest there is; `native` can be replaced to test the fallback. */
export async function loadZstdDecompress(
  { native = nativeDecompress }: { native?: ZstdDecompress } = {},
): Promise<ZstdDecompress> {
  if (works(() => native(FRAME_OF_ONE_BYTE, 1).length === 1)) return native;
  const { decompress } = await library();
  return (frame, rawBytes) => decompress(new Uint8Array(frame), { defaultHeapSize: rawBytes });
}

/** It holds the one byte 0 as a raw block. */
const FRAME_OF_ONE_BYTE = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 1, 9, 0, 0, 0);

/** ZSTD_c_compressionLevel. */
const COMPRESSION_LEVEL = 100;

function nativeCompress(level: number): ZstdCompress {
  return (raw) => {
    // chunkSize above the bound of the output: otherwise an empty frame may be appended.
    const chunkSize = raw.length + (raw.length >> 7) + 1024;
    return lateNode("node:zlib").zstdCompressSync(raw, { chunkSize, params: { [COMPRESSION_LEVEL]: level } });
  };
}

function nativeDecompress(frame: Uint8Array, rawBytes: number): Uint8Array {
  // chunkSize above the bound of the output: one allocation, and the limit is met within it.
  return lateNode("node:zlib").zstdDecompressSync(frame, {
    maxOutputLength: Math.max(rawBytes, 1),
    chunkSize: rawBytes + 64,
  });
}

// The library is a singleton that does not survive a second init: once for all owners.
let ready: Promise<typeof import("@bokuweb/zstd-wasm")> | undefined;

function library(): Promise<typeof import("@bokuweb/zstd-wasm")> {
  return ready ??= import("@bokuweb/zstd-wasm").then(async (loaded) => {
    await loaded.init();
    return loaded;
  });
}

function works(probe: () => boolean): boolean {
  try {
    return probe();
  } catch {
    // Any error means that this runtime cannot, whatever its reason.
    return false;
  }
}
