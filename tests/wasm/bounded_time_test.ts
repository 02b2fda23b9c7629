import { assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FRAME_BYTES_MAX, FRAME_RECORDS_MAX } from "../../proto/words.ts";
import type { HotPath } from "../../wasm/hot_path.ts";
import { encode, load, type RecordInit, sealAll } from "./frames.ts";

const battery = (seq: number): RecordInit => ({ seq, eventTimeUs: 1n, body: { case: "battery", value: {} } });
const recordsOf = (droneId: string, seqOf: (i: number) => number) =>
  encode({ droneId, bootId: 1, records: Array.from({ length: FRAME_RECORDS_MAX }, (_, i) => battery(seqOf(i))) });

/** A frame as long as one may be, of these bytes over and over, in a record if it has a tag. */
function filled(bytes: number[], tag?: number): Uint8Array {
  const content: number[] = [];
  while (content.length + bytes.length < FRAME_BYTES_MAX - 16) content.push(...bytes);
  const { length } = content;
  const head = tag === undefined ? [] : [tag, length & 127 | 128, length >> 7 & 127 | 128, length >> 14];
  return Uint8Array.from([10, 1, 97, ...head, ...content]);
}

/** The shortest of many pushes, in µs: what the frame costs where nothing else runs. */
function costUs(hotPath: HotPath, frame: (i: number) => Uint8Array): number {
  let leastMs = Infinity;
  for (let i = 0; i < 60; i++) {
    const bytes = frame(i);
    const beganMs = performance.now();
    hotPath.push(bytes, i);
    leastMs = Math.min(leastMs, performance.now() - beganMs);
    for (const sealed of sealAll(hotPath)) if (sealed) hotPath.settle(sealed.receipt);
    hotPath.evictIdle(1e9 + i, 1);
  }
  return leastMs * 1000;
}

describe("the time that a frame takes", () => {
  it("is bounded by its bytes, whatever they are", async () => {
    const hotPath = await load();
    const hits = encode({
      droneId: "a",
      records: [{ seq: 1, body: { case: "obstacles", value: { hits: Array(32_000).fill({}) } } }],
    });
    const frames: Record<string, Uint8Array> = {
      ...{
        hits,
        "unknown fields": filled([0x78, 0]),
        "empty unknown fields": filled([0x7a, 0]),
        groups: filled([42, 0]),
      },
      ...{
        "bodies that take turns": filled([34, 0, 42, 0], 26),
        "long varints": filled([24, 0x80, 0x80, 0x80, 0x80, 1], 26),
      },
    };
    // Measured: 270 µs at most. A machine that is busy with other things takes no more than ten times as long.
    for (const [name, frame] of Object.entries(frames)) assertLess(costUs(hotPath, () => frame), 3000, name);
  });

  it("does not grow with the jumps of its sequence numbers", async () => {
    const hotPath = await load();
    const plainUs = costUs(hotPath, (i) => recordsOf(`plain-${i}`, (at) => at));
    const jumpsUs = costUs(hotPath, (i) => recordsOf(`jumps-${i}`, (at) => at * 1023));
    // One number of a window after another, a frame of jumps takes 45 times as long as another one.
    assertLess(jumpsUs, 10 * plainUs);
  });
});
