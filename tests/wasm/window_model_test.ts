import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { type HotPath } from "../../wasm/hot_path.ts";
import { DRONES_MAX, LaneIndex } from "../../wasm/limits.ts";
import { Verdict } from "../../wasm/verdict.ts";
import { encode, load, type RecordInit } from "./frames.ts";
import { type ModelRecord, WINDOW_SEQS, WindowModel } from "./window_model.ts";

const T0 = 1_790_000_000_000_000;

function recordOf({ seq, eventTimeUs, kind }: ModelRecord): RecordInit {
  const body = kind === 2
    ? { case: "battery", value: { id: 0 } }
    : kind === 3
    ? { case: "obstacles", value: { sensorId: 1 } }
    : undefined;
  return { seq, eventTimeUs: BigInt(eventTimeUs), body } as RecordInit;
}

const frameOf = (droneId: string, bootId: number, records: ModelRecord[]) =>
  encode({ droneId, bootId, records: records.map(recordOf) });

/** Few, and some that share a place in the window. */
const seq = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 9 }) },
  { weight: 3, arbitrary: fc.integer({ min: WINDOW_SEQS - 4, max: WINDOW_SEQS + 9 }) },
  { weight: 1, arbitrary: fc.integer({ min: 2 ** 32 - 40, max: 2 ** 32 - 1 }) },
);
/** Who speaks is in the microseconds: mostly the same one says the same thing again. */
const record = fc.record({ seq, twin: fc.constantFrom(0, 0, 0, 0, 1), kind: fc.constantFrom(2, 2, 2, 2, 3, 0) })
  .map(({ seq, twin, kind }): ModelRecord => {
    return { seq, eventTimeUs: T0 + seq % 100_000 * 1000 + twin * 77_003, kind: kind as ModelRecord["kind"] };
  });
const push = fc.record({
  what: fc.constant("push" as const),
  droneId: fc.constantFrom("a", "b"),
  bootId: fc.constantFrom(1, 1, 2),
  source: fc.constantFrom(0, 0, 1, 2, 3),
  records: fc.array(record, { minLength: 1, maxLength: 6 }),
});
const other = fc.record({ what: fc.constantFrom("seal" as const, "settle" as const, "forget" as const) });
const steps = fc.array(fc.oneof({ weight: 5, arbitrary: push }, { weight: 2, arbitrary: other }), { maxLength: 60 });

describe("the hot path's sequence numbers", () => {
  it("are known, open, settled, lost and told apart by content as the plain way has it", async () => {
    const hotPath = await load();
    let nowMs = 0;
    fc.assert(
      fc.property(steps, (steps) => {
        const model = new WindowModel();
        const receipts: Uint32Array[] = [];
        let firstSlot = 0;
        for (const step of steps) {
          nowMs += 1;
          if (step.what === "push") {
            const { droneId, bootId, source, records } = step;
            const want = model.push(droneId, { bootId, source }, records);
            const verdict = hotPath.push(frameOf(droneId, bootId, records), nowMs, source);
            if (!want) {
              assertEquals([verdict, hotPath.slot], [Verdict.clash, 0]);
              continue;
            }
            firstSlot ||= hotPath.slot;
            assertEquals(verdict, Verdict.accepted);
            assertEquals([hotPath.slot - firstSlot + 1, hotPath.isNewSlot], [want.slot, want.isNewSlot]);
            assertEquals([hotPath.forwarded, hotPath.duplicates], [want.accepted.length, want.duplicates.length]);
            assertEquals([...hotPath.settledDuplicates()], want.settledDuplicates);
            assertEquals([...hotPath.invalidSeqs()], want.invalid);
            assertEquals([hotPath.source, hotPath.bootId], [source, bootId]);
          } else if (step.what === "seal") sealInto(receipts, hotPath);
          else {
            const receipt = receipts.shift();
            if (!receipt) continue;
            if (step.what === "settle") hotPath.settle(receipt);
            else hotPath.forget(receipt);
            model.settle(inModel(receipt, firstSlot), { lost: step.what === "forget" });
          }
        }
        // Nothing is left open: each drone can be evicted, and the next history begins anew.
        sealInto(receipts, hotPath);
        for (const [i, receipt] of receipts.entries()) i % 2 === 0 ? hotPath.settle(receipt) : hotPath.forget(receipt);
        nowMs += 1000;
        for (let visited = 0; visited < DRONES_MAX && hotPath.drones > 0; visited += 4096) hotPath.evictIdle(nowMs, 1);
        assertEquals(hotPath.drones, 0);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("a sequence number that has left the window", () => {
  for (const fate of ["settle", "forget"] as const) {
    it(`takes nothing from the one that has its place: ${fate}`, async () => {
      const hotPath = await load();
      const push = (seq: number) => {
        hotPath.push(frameOf("d", 1, [{ seq, eventTimeUs: T0, kind: 2 }]), 0);
        return [hotPath.forwarded, hotPath.duplicates, hotPath.settledDuplicates().length];
      };
      assertEquals([push(3), push(3 + WINDOW_SEQS)], [[1, 0, 0], [1, 0, 0]]);
      hotPath[fate](Uint32Array.of(hotPath.slot, 3));
      assertEquals(push(3 + WINDOW_SEQS), [0, 1, 0]);
    });
  }
});

function sealInto(receipts: Uint32Array[], hotPath: HotPath): void {
  for (const lane of [LaneIndex.safety, LaneIndex.bulk]) {
    const sealed = hotPath.seal(lane);
    if (sealed) receipts.push(sealed.receipt);
  }
}

/** Slots counted from 1 again. */
function inModel(receipt: Uint32Array, firstSlot: number): Uint32Array {
  return receipt.map((word, i) => i % 2 === 0 ? word - firstSlot + 1 : word);
}

describe("sources of one boot", () => {
  const at = (seq: number, us: number): ModelRecord => ({ seq, eventTimeUs: T0 + us, kind: 2 });

  it("that differ by a constant time are told apart nearly always: no offset of clocks hides a twin", async () => {
    const hotPath = await load();
    let worst = 0;
    for (let offset = 1; offset <= 400; offset++) {
      let unseen = 0;
      const droneId = `d${offset}`;
      for (let seq = 1; seq <= 20; seq++) hotPath.push(frameOf(droneId, 1, [at(seq, seq * 100_000)]), 0);
      for (let seq = 1; seq <= 20; seq++) {
        const twin = frameOf(droneId, 1, [at(seq, seq * 100_000 + offset * 1000)]);
        if (hotPath.push(twin, 0) !== Verdict.clash) unseen++;
      }
      worst = Math.max(worst, unseen);
    }
    // Of 20 records: one in 256 looks alike by chance.
    assertEquals(worst <= 3, true, `${worst}`);
  });

  it("clash before anything changes: neither tokens nor the window, nor what is known of the frame's other records", async () => {
    const hotPath = await load({ droneRatePerS: 1, droneBurst: 4 });
    hotPath.push(frameOf("d", 1, [at(5, 1)]), 0);
    for (let i = 0; i < 10; i++) {
      assertEquals(hotPath.push(frameOf("d", 1, [at(7, 1), at(5, 2)]), 0), Verdict.clash);
    }
    assertEquals(hotPath.push(frameOf("d", 1, [at(7, 1), at(5, 1)]), 0), Verdict.accepted);
    assertEquals([hotPath.forwarded, hotPath.duplicates], [1, 1]);
  });

  it("are the same where another repeats, and where nothing is known any more", async () => {
    const hotPath = await load();
    hotPath.push(frameOf("d", 1, [at(1, 1), at(2, 2)]), 0);
    assertEquals(hotPath.push(frameOf("d", 1, [at(2, 2), at(3, 3)]), 0), Verdict.accepted);
    hotPath.push(frameOf("d", 1, [at(WINDOW_SEQS + 1, 9)]), 0);
    assertEquals(hotPath.push(frameOf("d", 1, [at(1, 777)]), 0), Verdict.accepted);
    assertEquals(hotPath.push(frameOf("d", 1, [at(2, 777)]), 0), Verdict.clash);
  });

  it("are named without taking the frame", async () => {
    const hotPath = await load();
    assertEquals(hotPath.identify(frameOf("\ufeffd", 9, [at(1, 1)])), true);
    assertEquals([hotPath.droneId(), hotPath.bootId, hotPath.drones], ["\ufeffd", 9, 0]);
    assertEquals(hotPath.identify(Uint8Array.of(0xff, 0xff)), false);
    assertEquals(hotPath.identify(new Uint8Array(65_537)), false);
  });
});
