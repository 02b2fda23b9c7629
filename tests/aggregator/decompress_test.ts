import { zstdCompressSync } from "node:zlib";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Decompress, loadDecompress, RAW_BYTES_MAX } from "../../aggregator/batch/decompress.ts";
import { Codec } from "../../proto/gen/slipstream/v1/batch_pb.ts";

const withoutNative = () => {
  throw new TypeError("binding.ZstdDecompress is not a constructor");
};
const ways: [string, () => Promise<Decompress>][] = [
  ["node:zlib", () => loadDecompress()],
  ["the WebAssembly fallback", () => loadDecompress(withoutNative)],
];

const text = new TextEncoder().encode("slipstream ".repeat(500));
const noise = Uint8Array.from({ length: 3000 }, (_, i) => (i * 2_654_435_761) >>> 24);

function zstd(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(zstdCompressSync(raw, { chunkSize: raw.length + 1024 }));
}

function problem(result: ReturnType<Decompress>): string {
  assert("malformed" in result);
  return result.malformed;
}

describe("loadDecompress", () => {
  it("uses the runtime's zstd where that works: the fallback costs several times as much", async () => {
    const decompress = await loadDecompress((_, rawBytes) => new Uint8Array(rawBytes).fill(7));
    const result = decompress({ codec: Codec.ZSTD, rawBytes: text.length, body: zstd(text) });
    assertEquals("raw" in result && result.raw, new Uint8Array(text.length).fill(7));
  });
});

for (const [name, load] of ways) {
  describe(`Decompress by ${name}`, () => {
    it("gives back what was compressed", async () => {
      const decompress = await load();
      for (const raw of [text, noise, new Uint8Array(1), new Uint8Array(RAW_BYTES_MAX)]) {
        const result = decompress({ codec: Codec.ZSTD, rawBytes: raw.length, body: zstd(raw) });
        assert("raw" in result, JSON.stringify(result));
        assertEquals(new Uint8Array(result.raw), new Uint8Array(raw));
      }
    });

    it("refuses a frame that was cut anywhere", async () => {
      const decompress = await load();
      const body = zstd(noise);
      for (let bytes = 0; bytes < body.length; bytes += bytes < 40 ? 1 : 97) {
        problem(decompress({ codec: Codec.ZSTD, rawBytes: noise.length, body: body.subarray(0, bytes) }));
      }
    });

    it("refuses a stated length that is not the real one", async () => {
      const decompress = await load();
      for (const rawBytes of [0, 1, text.length - 1, text.length + 1]) {
        problem(decompress({ codec: Codec.ZSTD, rawBytes, body: zstd(text) }));
      }
    });

    it("refuses a bomb before it expands", async () => {
      const decompress = await load();
      const body = zstd(new Uint8Array(64 << 20));
      assert(body.length < 10_000);
      assertStringIncludes(problem(decompress({ codec: Codec.ZSTD, rawBytes: 64 << 20, body })), "more than");
      problem(decompress({ codec: Codec.ZSTD, rawBytes: 1000, body }));
      problem(decompress({ codec: Codec.ZSTD, rawBytes: RAW_BYTES_MAX, body }));
    });

    it("takes a body without a codec by its length", async () => {
      const decompress = await load();
      assert("raw" in decompress({ codec: Codec.NONE, rawBytes: 3, body: Uint8Array.of(1, 2, 3) }));
      problem(decompress({ codec: Codec.NONE, rawBytes: 4, body: Uint8Array.of(1, 2, 3) }));
      problem(decompress({ codec: Codec.UNSPECIFIED, rawBytes: 3, body: Uint8Array.of(1, 2, 3) }));
    });
  });
}
