import { decompress } from "@bokuweb/zstd-wasm";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { lateCompress, loadCompress } from "../../edge/lanes/compression.ts";
import { batteryFrame, withEdge } from "./rig.ts";
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
    const { compress, load, settled } = lateCompress(never, () => loadCompress(() => packed));
    load();
    assertEquals(compress(text), { codec: Codec.NONE, body: text });
    await settled();
    assertEquals(compress(text), { codec: Codec.ZSTD, body: packed });
  });

  it("leaves them so when it cannot be loaded, and says why", async () => {
    const told: unknown[] = [];
    const { compress, load, settled } = lateCompress(
      (error) => told.push(error),
      () => Promise.reject(new Error("no such module")),
    );
    load();
    await settled();
    assertEquals([told.length, compress(text).codec], [1, Codec.NONE]);
  });
});

describe("an edge", () => {
  it("compresses its batches soon after its start", () =>
    withEdge({ droneRatePerS: 1e6, droneBurst: 1e6 }, async ({ connect, aggregator }) => {
      const drone = connect();
      await drone.hello();
      const isCompressed = () => aggregator.batches.some(({ codec }) => codec === Codec.ZSTD);
      for (let frames = 0; !isCompressed() && frames < 100; frames++) {
        const sent = aggregator.batches.length;
        for (let part = 0; part < 10; part++) {
          drone.send(batteryFrame("d-1", Array.from({ length: 200 }, (_, i) => 200 * (10 * frames + part) + i + 1)));
        }
        await aggregator.messages.until(() => aggregator.batches.length > sent);
      }
      assertEquals(isCompressed(), true);
    }));
});

function never(error: unknown): never {
  throw error;
}
