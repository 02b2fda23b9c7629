import { decompress } from "@bokuweb/zstd-wasm";
import { fromBinary } from "@bufbuild/protobuf";
import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Codec, TelemetryBatchSchema } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { frame } from "./rig.ts";
import { type StillDrone, StillEdge } from "./still_rig.ts";

/** Records of the one that counts from `first`: its clock tells it from the others. */
function told(first: number, seqs: number[]): Uint8Array<ArrayBuffer> {
  const records = seqs.map((seq) => {
    const eventTimeUs = BigInt(1_790_000_000_000_000 + seq * 1000 + first * 123_457);
    return { seq, eventTimeUs, body: { case: "battery" as const, value: { id: 0 } } };
  });
  return frame({ droneId: "d1", bootId: 1, records });
}

/** One of several that say that they are d1: it counts on from a number, whatever it is connected by. */
class Twin {
  readonly first: number;
  drone: StillDrone;
  next: number;

  constructor(rig: StillEdge, first: number) {
    this.first = this.next = first;
    this.drone = rig.drone();
  }

  speak(): void {
    this.drone.receive(told(this.first, [this.next++]));
  }

  reconnect(rig: StillEdge): void {
    this.drone.close();
    this.drone = rig.drone();
  }

  /** What it has said and has not heard acknowledged. */
  get unacknowledged(): number[] {
    const { acknowledged } = this.drone;
    return this.seqs.filter((seq) => !acknowledged.some(([first, last]) => first <= seq && seq <= last));
  }

  get seqs(): number[] {
    return Array.from({ length: this.next - this.first }, (_, i) => this.first + i);
  }
}

/** They speak in turn, `everyMs` each. */
async function speak(rig: StillEdge, twins: Twin[], { ms, everyMs = 50 }: { ms: number; everyMs?: number }) {
  for (let passedMs = 0; passedMs < ms; passedMs += everyMs) {
    for (const twin of twins) twin.speak();
    await rig.pass(everyMs);
  }
}

function undelta(column: number[], count: number): number[] {
  let value = 0;
  return Array.from({ length: count }, (_, i) => value += column[i] ?? 0);
}

/** `[source, seq]` of every record that the aggregator was handed, in order. */
function handed(rig: StillEdge): [number, number][] {
  const sources = new Map(rig.batches.flatMap(({ slots }) => slots.map(({ slot, source }) => [slot, source])));
  return rig.batches.flatMap(({ codec, body }) => {
    const raw = codec === Codec.ZSTD ? new Uint8Array(decompress(body)) : body;
    const { count, slot, seq } = fromBinary(TelemetryBatchSchema, raw).batteries!;
    const slots = undelta(slot, count);
    return undelta(seq, count).map((seq, i): [number, number] => [sources.get(slots[i]!)!, seq]);
  });
}

/** The sources under which a twin's records were handed over, each once, in the order in which it went through them. */
function sourcesOf(rig: StillEdge, twin: Twin, from = twin.first): number[] {
  const own = handed(rig).filter(([, seq]) => seq >= from && seq < twin.next).sort((a, b) => a[1] - b[1]);
  return own.map(([source]) => source).filter((source, i, all) => source !== all[i - 1]);
}

const seqsHanded = (rig: StillEdge) => handed(rig).map(([, seq]) => seq).sort((a, b) => a - b);
const seqsSaid = (twins: Twin[]) => twins.flatMap(({ seqs }) => seqs).sort((a, b) => a - b);

describe("two that speak as one boot of one drone, with numbers far apart", () => {
  for (const first of [701, 100_000]) {
    for (const { everyMs, withinMs } of [{ everyMs: 50, withinMs: 3000 }, { everyMs: 1000, withinMs: 5000 }]) {
      it(`are two sources within ${withinMs} ms: from ${first} on, every ${everyMs} ms`, async () => {
        const rig = await StillEdge.start();
        const twins = [new Twin(rig, 1), new Twin(rig, first)];
        const [low, high] = twins as [Twin, Twin];
        await speak(rig, twins, { ms: withinMs, everyMs });
        const parted = high.next;
        await speak(rig, twins, { ms: 6000, everyMs });
        await rig.pass(1000);
        assertEquals([sourcesOf(rig, low), sourcesOf(rig, high), sourcesOf(rig, high, parted)], [[0], [0, 1], [1]]);
        assertEquals(seqsHanded(rig), seqsSaid(twins));
        assertEquals(twins.map((twin) => twin.unacknowledged), [[], []]);
        await rig.stop();
      });
    }
  }

  it("are two also where the later one counts from 1: it is the one that becomes another source", async () => {
    const rig = await StillEdge.start();
    const twins = [new Twin(rig, 100_000)];
    await speak(rig, twins, { ms: 1000 });
    twins.push(new Twin(rig, 1));
    await speak(rig, twins, { ms: 5000 });
    await rig.pass(1000);
    assertEquals(twins.map((twin) => sourcesOf(rig, twin)), [[0], [0, 1]]);
    assertEquals(seqsHanded(rig), seqsSaid(twins));
    await rig.stop();
  });

  it("hear what they handed in before they were parted acknowledged, and later nothing of one another's", async () => {
    const rig = await StillEdge.start({}, { answer: () => null });
    const twins = [new Twin(rig, 1), new Twin(rig, 100_000)];
    const [low, high] = twins as [Twin, Twin];
    await speak(rig, twins, { ms: 4000 });
    rig.answer = () => ({ verdict: 1 });
    rig.uplinks[0]!.close(1006);
    await speak(rig, twins, { ms: 1500 });
    await rig.pass(500);
    assertEquals(twins.map((twin) => twin.unacknowledged), [[], []]);
    await speak(rig, twins, { ms: 6000 });
    const heard = twins.map(({ drone }) => drone.acknowledged.length);
    const next = twins.map(({ next }) => next);
    await speak(rig, twins, { ms: 1000 });
    await rig.pass(500);
    const strange = twins.map(({ drone }, i) =>
      drone.acknowledged.slice(heard[i]).filter(([first]) => first < twins[i]!.first || first > next[i]! + 100)
    );
    assertEquals(strange, [[], []]);
    // Neither the one that is left alone, nor the one that has gone hears for the other once it is away.
    low.drone.close();
    const before = high.drone.acknowledged.length;
    await rig.pass(500);
    assertEquals(high.drone.acknowledged.slice(before).filter(([first]) => first < 100_000), []);
    await rig.stop();
  });

  for (const order of [[0, 1], [1, 0]] as const) {
    it(`find their own sources when they reconnect, ${order[0] ? "the later" : "the earlier"} one first`, async () => {
      const rig = await StillEdge.start();
      const twins = [new Twin(rig, 1), new Twin(rig, 701)];
      await speak(rig, twins, { ms: 5000 });
      await rig.pass(500);
      for (const i of order) {
        twins[i]!.reconnect(rig);
        twins[i]!.speak();
      }
      await speak(rig, twins, { ms: 3000 });
      const parted = twins.map(({ next }) => next);
      await speak(rig, twins, { ms: 2000 });
      await rig.pass(1000);
      assertEquals(twins.map((twin, i) => sourcesOf(rig, twin, parted[i])), [[0], [1]]);
      assertEquals(seqsHanded(rig), seqsSaid(twins));
      await rig.stop();
    });
  }

  it("find their own source also while the old socket hangs", async () => {
    const rig = await StillEdge.start();
    const twins = [new Twin(rig, 1), new Twin(rig, 701)];
    await speak(rig, twins, { ms: 5000 });
    twins[1]!.drone = rig.drone();
    await speak(rig, twins, { ms: 3000 });
    const parted = twins[1]!.next;
    await speak(rig, twins, { ms: 2000 });
    await rig.pass(1000);
    assertEquals([sourcesOf(rig, twins[0]!), sourcesOf(rig, twins[1]!, parted)], [[0], [1]]);
    assertEquals(seqsHanded(rig), seqsSaid(twins));
    await rig.stop();
  });

  it("stay two when the one comes to the numbers that the other has had", async () => {
    const rig = await StillEdge.start();
    const twins = [new Twin(rig, 1), new Twin(rig, 201)];
    await speak(rig, twins, { ms: 16_000 });
    const passed = twins.map(({ next }) => next);
    assertLess(201, passed[0]!);
    await rig.pass(1000);
    const before = handed(rig).length;
    await speak(rig, twins, { ms: 2000 });
    await rig.pass(1000);
    const after = handed(rig).slice(before).map(([source, seq]) => `${source} ${seq < passed[1]! ? "low" : "high"}`);
    assertEquals(new Set(after), new Set(["2 low", "1 high"]));
    // Each record once, also those whose number both have said.
    assertEquals(seqsHanded(rig), seqsSaid(twins));
    await rig.stop();
  });
});

describe("three that speak as one boot of one drone, with numbers far apart", () => {
  it("are three sources, and so they are when they have reconnected", async () => {
    const rig = await StillEdge.start();
    const twins = [1, 701, 100_000].map((first) => new Twin(rig, first));
    await speak(rig, twins, { ms: 7000 });
    const parted = twins.map(({ next }) => next);
    await speak(rig, twins, { ms: 1000 });
    await rig.pass(1000);
    const own = twins.map((twin, i) => sourcesOf(rig, twin, parted[i]));
    assertEquals(own.flat().toSorted(), [0, 1, 2]);
    for (const twin of twins.toReversed()) twin.reconnect(rig);
    await speak(rig, twins, { ms: 7000 });
    const again = twins.map(({ next }) => next);
    await speak(rig, twins, { ms: 1000 });
    await rig.pass(1000);
    assertEquals(twins.map((twin, i) => sourcesOf(rig, twin, again[i])), own);
    assertEquals(seqsHanded(rig), seqsSaid(twins));
    await rig.stop();
  });

  it("are at most four: a fifth shares a source, and nothing of it is lost", async () => {
    const rig = await StillEdge.start();
    const twins = [1, 2000, 4000, 6000, 8000].map((first) => new Twin(rig, first));
    await speak(rig, twins, { ms: 12_000, everyMs: 100 });
    const parted = twins.map(({ next }) => next);
    await speak(rig, twins, { ms: 5000, everyMs: 100 });
    await rig.pass(1000);
    assertEquals(new Set(twins.flatMap((twin, i) => sourcesOf(rig, twin, parted[i]))), new Set([0, 1, 2, 3]));
    assertEquals(seqsHanded(rig), seqsSaid(twins));
    await rig.stop();
  });
});
