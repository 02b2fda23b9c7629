import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { Random } from "../../sim/random.ts";
import { HotPath } from "../../wasm/hot_path.ts";
import { LaneIndex } from "../../wasm/limits.ts";
import { HOT_PATH_DEFAULTS } from "../../wasm/settings.ts";
import { Verdict } from "../../wasm/verdict.ts";
import { faultyModule, trapAfter, trapWhenSealing } from "./faulty_module.ts";
import { encode, type FrameInit, type RecordInit, sealAll } from "./frames.ts";

const NO_LIMIT = { droneRatePerS: 1e9, droneBurst: 1e9, nodeRatePerS: 1e9, nodeBurst: 1e9 };
const hit = { bearingCdeg: 1, elevationCdeg: 2, rangeCm: 500, rangeRateCms: 3 };
/** Of each kind, in both lanes; the second position is a near-duplicate. */
const BODIES: NonNullable<RecordInit["body"]>[] = [
  { case: "position", value: { latE7: 1, lonE7: 2, fixType: 3 } },
  { case: "position", value: { latE7: 1, lonE7: 2, fixType: 3 } },
  { case: "battery", value: { voltageMv: 15_000 } },
  { case: "obstacles", value: { hits: [hit, hit] } },
];

let hotPath: HotPath;
let traps: string[];
let nowMs: number;

/** Every body once, from this sequence number on. */
function frameOf(droneId: string, { bootId = 1, seq = 0, group = "" } = {}): Uint8Array<ArrayBuffer> {
  const records = BODIES.map((_, i) => ({
    seq: seq + i,
    eventTimeUs: 1_790_000_000_000_000n + BigInt(seq + i),
    body: BODIES[(seq + i) % BODIES.length]!,
  }));
  return encode({ droneId, bootId, group, records } satisfies FrameInit);
}

function push(frame: Uint8Array): number {
  return hotPath.push(frame, nowMs++);
}

/** What both lanes hold, as "slot/seq", each as often as it is there; all of it is settled. */
function delivered(): string[] {
  return sealAll(hotPath).flatMap((sealed) => {
    if (!sealed) return [];
    assertEquals(sealed.columns.records, sealed.records);
    hotPath.settle(sealed.receipt);
    return Array.from({ length: sealed.records }, (_, i) => `${sealed.receipt[2 * i]}/${sealed.receipt[2 * i + 1]}`);
  }).sort();
}

/** Pushes a frame that is taken; what must be delivered of it. */
function take(frame: Uint8Array): string[] {
  assertEquals(push(frame), Verdict.accepted);
  const taken = hotPath.forwarded + hotPath.nearDuplicates;
  assertEquals(taken + hotPath.duplicates, BODIES.length);
  return Array.from({ length: taken }, (_, i) => `${hotPath.slot}/${hotPath.lastSeq - i}`);
}

async function open(): Promise<void> {
  traps = [];
  nowMs = 1000;
  const onTrap = (error: unknown) => void traps.push(String(error));
  hotPath = HotPath.fromModule(await faultyModule(), { ...HOT_PATH_DEFAULTS, ...NO_LIMIT, onTrap });
}

describe("a hot path that traps", () => {
  beforeEach(open);

  afterEach(() => {
    // Nothing is left behind: all that was settled can go, and with it every slot that anybody has heard of.
    delivered();
    hotPath.evictIdle(1e12, 1);
    assertEquals([hotPath.drones, [...hotPath.evictIdle(1e12, 1)]], [0, []]);
  });

  const scenes: { name: string; before?: (droneId: string) => void; frame: (droneId: string) => Uint8Array }[] = [
    { name: "of a new drone", frame: (id) => frameOf(id) },
    { name: "of a drone that is known", before: (id) => take(frameOf(id)), frame: (id) => frameOf(id, { seq: 4 }) },
    { name: "of a new boot", before: (id) => take(frameOf(id)), frame: (id) => frameOf(id, { bootId: 2 }) },
    {
      name: "of a fifth boot, for which the first is retired",
      before: (id) => [1, 2, 3, 4].map((bootId) => take(frameOf(id, { bootId }))),
      frame: (id) => frameOf(id, { bootId: 5 }),
    },
    {
      name: "that repeats records and jumps ahead",
      before: (id) => take(frameOf(id)),
      frame: (id) => frameOf(id, { seq: 2, group: "show-1" }),
    },
  ];
  for (const { name, before, frame } of scenes) {
    it(`over a frame ${name}, at any store: others' records are delivered once, and known as before`, () => {
      let stores = 1;
      for (let trapped = true; trapped; stores++) {
        const droneId = `hostile-${stores}`;
        before?.(droneId);
        delivered();
        const other = `other-${stores}`;
        const expected = take(frameOf(other));
        const waiting = [hotPath.waiting(0), hotPath.waiting(1)];
        trapAfter(hotPath, stores);
        const verdict = push(frame(droneId));
        trapAfter(hotPath, 0);
        trapped = verdict === Verdict.trapped;
        if (!trapped) break;
        assert(hotPath.records >= 1 && hotPath.records <= BODIES.length, `${hotPath.records}`);
        assertEquals([hotPath.forwarded, hotPath.droneId()], [0, ""]);
        assertEquals([hotPath.waiting(0), hotPath.waiting(1)], waiting, `${stores}`);
        push(frameOf(other));
        assertEquals([hotPath.duplicates, hotPath.isNewSlot], [BODIES.length, false]);
        assertEquals(delivered(), expected.sort(), `${stores}`);
        push(frameOf(other));
        assertEquals(hotPath.settledDuplicates().length, BODIES.length);
        // The drone itself is not locked out, and nothing of what was taken back counts as seen.
        assertEquals(take(frame(droneId)).sort(), delivered(), `${stores}`);
      }
      assertGreater(stores, 50);
      assertEquals(traps.length, stores - 1);
      assertMatch(traps[0]!, /unreachable/);
    });
  }

  it("while it seals, at any store: the lane is sealed all the same", () => {
    let stores = 1;
    for (let trapped = true; trapped; stores++) {
      const expected = [take(frameOf("b", { seq: stores * 8 })), take(frameOf("a", { seq: stores * 8 }))].flat();
      const before = traps.length;
      trapAfter(hotPath, stores);
      assertEquals(delivered(), expected.sort(), `${stores}`);
      trapAfter(hotPath, 0);
      trapped = traps.length > before;
    }
    assertGreater(stores, 100);
  });

  it("each time that it seals gives the records up, each once, ordered by slot, and goes on", () => {
    const expected = [take(frameOf("b")), take(frameOf("a")), take(frameOf("b", { seq: 4 }))].flat();
    trapWhenSealing(hotPath, true);
    const sealed = [LaneIndex.safety, LaneIndex.bulk].map((lane) => hotPath.seal(lane)!);
    trapWhenSealing(hotPath, false);
    assertEquals(sealed.map(({ raw }) => raw), [null, null]);
    const pairs = sealed.flatMap(({ receipt, records }) => {
      const slots = receipt.filter((_, word) => word % 2 === 0);
      assertEquals([...slots], [...slots].sort());
      assertEquals(receipt.length, 2 * records);
      return Array.from(slots, (slot, i) => `${slot}/${receipt[2 * i + 1]}`);
    });
    assertEquals(pairs.sort(), expected.sort());
    assertEquals([hotPath.waiting(0), hotPath.waiting(1), hotPath.seal(0), hotPath.seal(1)], [0, 0, null, null]);
    for (const { receipt } of sealed) hotPath.forget(receipt);
    take(frameOf("a"));
    assertEquals(traps.length, 4);
  });

  it("while it evicts or settles, at any store, knows the drones that are left", () => {
    for (let stores = 1; stores < 200; stores++) {
      for (const id of ["a", "b", "c"]) take(frameOf(id, { seq: stores * 8 }));
      delivered();
      trapAfter(hotPath, stores);
      hotPath.evictIdle(nowMs + 1000, 1);
      trapAfter(hotPath, 0);
      for (const id of ["a", "b", "c"]) take(frameOf(id, { seq: stores * 8 + 4 }));
      assertEquals([delivered().length, hotPath.drones], [3 * BODIES.length, 3], `${stores}`);
    }
    assertGreater(traps.length, 10);
  });
});

describe("the recovery of a hot path", () => {
  beforeEach(open);

  it("ends, whatever the memory holds", () => {
    const random = new Random(1);
    const { buffer } = hotPath.settledDuplicates();
    const memory = new Uint8Array(buffer, 65_536);
    const noise = Uint8Array.from({ length: 1 << 16 }, () => random.whole(0, 255));
    trapAfter(hotPath, 1);
    for (let at = 0; at + noise.length <= memory.length; at += noise.length) memory.set(noise, at);
    assertEquals(push(frameOf("a")), Verdict.trapped);
    assert(hotPath.drones >= 0 && hotPath.waiting(0) <= 8448 && hotPath.waiting(1) <= 8448);
  });
});
