import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { loadZstdCompress, loadZstdDecompress } from "../../platform/zstd.ts";

const text = new TextEncoder().encode("slipstream ".repeat(100));

function unsupported(): never {
  throw new Error("Not implemented: ZstdCompress");
}

const COMPRESS = { native: undefined, "WebAssembly": unsupported };

describe("zstd", () => {
  for (const [packing, compressNative] of Object.entries(COMPRESS)) {
    for (const [unpacking, decompressNative] of Object.entries(COMPRESS)) {
      it(`by ${unpacking} reads what zstd by ${packing} wrote`, async () => {
        const compress = await loadZstdCompress({ level: 1, ...compressNative && { native: compressNative } });
        const decompress = await loadZstdDecompress({ ...decompressNative && { native: decompressNative } });
        const frame = new Uint8Array(compress(text));
        assertEquals(frame.length < text.length / 2, true);
        assertEquals(new Uint8Array(decompress(frame, text.length)), text);
      });
    }
  }

  it("is not taken from a runtime that has the functions, but not what they should do", async () => {
    const compress = await loadZstdCompress({ level: 1, native: () => new Uint8Array(0) });
    const decompress = await loadZstdDecompress({ native: () => new Uint8Array(0) });
    assertEquals(new Uint8Array(decompress(new Uint8Array(compress(text)), text.length)), text);
  });

  it("is taken from the runtime where a probe succeeds", async () => {
    const calls: string[] = [];
    const compress = await loadZstdCompress({ level: 1, native: (raw) => (calls.push("compress"), raw) });
    const decompress = await loadZstdDecompress({ native: () => (calls.push("decompress"), Uint8Array.of(0)) });
    compress(text);
    decompress(text, 1);
    assertEquals(calls, ["compress", "decompress", "compress", "decompress"]);
  });

  it("by the runtime never expands beyond what was stated", async () => {
    const compress = await loadZstdCompress({ level: 1 });
    const decompress = await loadZstdDecompress();
    const bomb = new Uint8Array(compress(new Uint8Array(1 << 20)));
    assertThrows(() => decompress(bomb, 1000));
  });
});
