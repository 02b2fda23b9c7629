import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { pushBytes, pushFrames } from "./hostile.ts";
import { frameOf, positionOf } from "./frames.ts";
import { listen, NOW_US } from "./streams.ts";

describe("a stream that means harm", () => {
  for (const seed of [1, 2]) {
    const keyed = seed === 2;
    it(`of three million bytes traps nothing, grows nothing, and tells nothing that cannot be (seed ${seed})`, async () => {
      const { pushed, records, ...harm } = await pushBytes(3_000_000, { seed, keyed });
      assertGreater(pushed, 2_999_999);
      assertGreater(records, keyed ? 100 : 3000);
      assertEquals(harm, { traps: 0, traffic: 0, grownBytes: 0, impossible: [] });
    });

    it(`of frames with right checksums and any content does not either (seed ${seed})`, () => {
      const { records, traffic, ...harm } = pushFrames(30_000, seed);
      assertGreater(records, 1000);
      assertGreater(traffic, 100);
      assertEquals(harm, { pushed: 30_000, traps: 0, grownBytes: 0, impossible: [] });
    });
  }

  it("has each of its bytes summed up a few times at most, however many beginnings it has", () => {
    const { link } = listen();
    const flood = new Uint8Array(200_000).fill(0xfe);
    link.push(flood, NOW_US);
    // Of 256 that were looked at byte by byte, and then one in 262.
    assertEquals(link.counts().wrongChecksums < 256 + 200_000 / 262 + 2, true, `${link.counts().wrongChecksums}`);
  });

  it("is forgiven by frames that come after it", () => {
    const { link, records } = listen();
    link.push(new Uint8Array(200_000).fill(0xfe), NOW_US);
    for (let i = 0; i < 60; i++) link.push(positionOf(1000 + i), NOW_US);
    const heard = records.length;
    assertGreater(heard, 40);
    link.push(frameOf("heartbeat", new Uint8Array(9)).subarray(0, 12), NOW_US);
    link.push(positionOf(2000), NOW_US);
    assertEquals(records.length, heard + 1);
  });
});
