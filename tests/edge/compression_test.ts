import { decompress } from "@bokuweb/zstd-wasm";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { lateCompress, loadCompress } from "../../edge/lanes/compression.ts";
import { Codec } from "../../proto/gen/slipstream/v1/batch_pb.ts";

const text = new TextEncoder().encode("slipstream ".repeat(100));

function unsupported(): never {
  throw new Error("Not implemented: ZstdCompress");
}

describe("loadCompress", () => {
  it("uses the runtime's zstd where that works: the fallback costs several times as much", async () => {
    const packed = Uint8Array.of(1, 2, 3);
    const compress = await loadCompress(() => packed);
    assertEquals(compress(text), { codec: Codec.ZSTD, body: packed });
  });

  for (const [name, native] of [["the runtime's zstd", undefined], ["the fallback", unsupported]] as const) {
    it(`compresses with ${name} what zstd reads back`, async () => {
      const compress = await loadCompress(native);
      const { codec, body } = compress(text);
      assertEquals(codec, Codec.ZSTD);
      await loadCompress(unsupported); // initialises the library that reads back
      assertEquals(new Uint8Array(decompress(body)), text);
    });

    it(`leaves alone what does not shrink, with ${name}`, async () => {
      const compress = await loadCompress(native);
      const noise = crypto.getRandomValues(new Uint8Array(500));
      assertEquals(compress(noise), { codec: Codec.NONE, body: noise });
      assertEquals(compress(Uint8Array.of(1, 2)).codec, Codec.NONE);
    });
  }
});

describe("lateCompress", () => {
  it("leaves batches as they are until what compresses is loaded", async () => {
    const packed = Uint8Array.of(1, 2, 3);
    const { compress, load } = lateCompress(() => loadCompress(() => packed));
    assertEquals(compress(text), { codec: Codec.NONE, body: text });
    await load();
    assertEquals(compress(text), { codec: Codec.ZSTD, body: packed });
  });
});
