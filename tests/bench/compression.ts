// A batch body of a simulated fleet compressed: node:zlib as the edge does it where it can, the WebAssembly build as it does
// elsewhere, and none at all.
import { loadCompress } from "../../edge/lanes/compression.ts";
import { Codec, Lane } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { type BenchCase, inTurn } from "./bench_case.ts";
import type { Load } from "./pipeline.ts";

/** Bulk batches one after another; safety's are too short to be compressed. */
export async function compressionCases({ sealed, bulkMs, drones }: Load): Promise<BenchCase[]> {
  const bodies = sealed.filter(({ batch }) => batch.lane === Lane.BULK).map(({ raw }) => raw);
  const native = await loadCompress();
  const wasm = await loadCompress(() => {
    throw new Error("Cannot compress: the fallback is wanted");
  });
  const packed = [native, wasm].map((compress) => bodies.map((body) => compress(body)));
  if (packed.flat().some(({ codec }) => codec !== Codec.ZSTD)) {
    throw new Error("Cannot measure: a body is not compressed");
  }
  const [raw, byNative, byWasm] = [bodies, ...packed.map((batches) => batches.map(({ body }) => body))].map(bytes);
  return [{
    name: `compression: a ${bulkMs} ms bulk batch`,
    unit: "a batch",
    ours: inTurn(bodies, native),
    plain: { name: "@bokuweb/zstd-wasm", run: inTurn(bodies, wasm) },
    limit: { name: "none, one copy", run: inTurn(bodies, (body) => new Uint8Array(body)) },
    note: `${drones} drones, ${Math.round(raw! / bodies.length)} bytes on average; of that remain ` +
      `${(byNative! / raw!).toFixed(2)}, with @bokuweb/zstd-wasm ${(byWasm! / raw!).toFixed(2)}`,
  }];
}

function bytes(arrays: Uint8Array[]): number {
  return arrays.reduce((sum, { length }) => sum + length, 0);
}
