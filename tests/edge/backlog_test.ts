import { create } from "@bufbuild/protobuf";
import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { Backlog, heldBytes } from "../../edge/uplink/backlog.ts";
import type { OutboundBatch } from "../../edge/lanes/sealing.ts";
import { SealedBatchSchema } from "../../proto/gen/slipstream/v1/batch_pb.ts";

const SAFETY = 0;

function batch(n: number, { bytes = 10, lane = SAFETY } = {}): OutboundBatch {
  const sealed = create(SealedBatchSchema, { body: new Uint8Array(bytes), sealedTimeUs: BigInt(n) });
  const none = new Uint32Array();
  const key = String(n).padStart(4, "0");
  return { key, lane, sealed, receipt: none, slots: none, definedAt: 0, acknowledged: false };
}

/** What one such batch costs. */
const COST = heldBytes(batch(0));

function backlog({ bytesMax = 100 * COST, keepMs = 5000 } = {}): Backlog {
  return new Backlog({ bytesMax, keepMs });
}

function drain(of: Backlog, count: number): number[] {
  return Array.from({ length: count }, () => Number(of.next(SAFETY, 0)?.key ?? -1));
}

function acknowledge(of: Backlog, n: number, nowMs = 0): void {
  of.acknowledged(of.find(String(n).padStart(4, "0"))!, nowMs);
}

describe("Backlog", () => {
  it("sends everything again after a lost connection, in its order: deleted only when acknowledged", () => {
    const of = backlog();
    for (const n of [1, 2, 3, 4]) of.take(batch(n));
    assertEquals(drain(of, 3), [1, 2, 3]);
    acknowledge(of, 2);
    of.connectionLost();
    assertEquals(drain(of, 4), [1, 3, 4, -1]);
  });

  it("sends live batches first, and gives the backlog every fourth place", () => {
    const of = backlog();
    for (const n of [1, 2, 3]) of.take(batch(n));
    of.connectionLost();
    for (let n = 10; n < 20; n++) of.take(batch(n));
    assertEquals(drain(of, 13), [10, 11, 12, 1, 13, 14, 15, 2, 16, 17, 18, 3, 19]);
  });

  it("takes no more when the unacknowledged fill it, and again when one is acknowledged", () => {
    const of = backlog({ bytesMax: 3 * COST });
    for (const n of [1, 2, 3]) of.take(batch(n));
    assertEquals([of.canTake, of.fill], [false, 1]);
    drain(of, 1);
    acknowledge(of, 1);
    assertEquals(of.canTake, true);
  });

  it("keeps what is acknowledged for its time, and lets it go earlier when room is needed", () => {
    const of = backlog({ bytesMax: 5 * COST, keepMs: 5000 });
    for (const n of [1, 2, 3]) of.take(batch(n));
    drain(of, 3);
    for (const n of [1, 2, 3]) acknowledge(of, n, 1000);
    of.advance(6000);
    for (const n of [4, 5, 6]) of.take(batch(n));
    assertEquals(of.replay({ fromUs: 0, toUs: 100 }).map(({ key }) => Number(key)), [2, 3]);
    const old = backlog();
    old.take(batch(1));
    drain(old, 1);
    acknowledge(old, 1, 1000);
    old.advance(6001);
    assertEquals(old.replay({ fromUs: 0, toUs: 100 }), []);
  });

  it("sends batches of a time range again when asked", () => {
    const of = backlog();
    for (const n of [1, 2, 3, 4]) of.take(batch(n));
    drain(of, 4);
    for (const n of [1, 2, 3, 4]) acknowledge(of, n);
    assertEquals(of.replay({ fromUs: 2, toUs: 4 }).length, 2);
    assertEquals(drain(of, 3), [2, 3, -1]);
  });

  it("holds what is taken, out of flight and out of the pressure, until it is acknowledged", () => {
    const of = backlog({ bytesMax: 4 * COST });
    for (const n of [1000, 2000, 3000]) of.take(batch(n));
    drain(of, 2);
    const held = of.find("1000")!;
    for (let twice = 0; twice < 2; twice++) of.taken(held);
    assertEquals([of.inFlight(SAFETY), of.takenBatches, of.unacknowledged], [1, 1, 3]);
    assertEquals([of.bytes, of.fill, of.oldestSentMs()], [3 * COST, 0.5, 0]);
    of.taken(of.find("2000")!);
    assertEquals([of.oldestSentMs(), of.ageMs(5), of.ageMs(5, { withTaken: false })], [null, 4, 2]);
    acknowledge(of, 1000);
    acknowledge(of, 2000);
    assertEquals([of.takenBatches, of.bytes, of.fill], [0, COST, 0.25]);
    assertEquals(of.replay({ fromUs: 0, toUs: 5000 }).map(({ key }) => key), ["1000", "2000"]);
    assertEquals([of.bytes, of.fill], [3 * COST, 0.75]);
  });

  it("sends what is taken again when that is asked for, before what waited behind it, and after what is new", () => {
    const of = backlog();
    for (const n of [1, 2, 3, 4]) of.take(batch(n));
    of.connectionLost();
    for (const n of [10, 11, 12, 13]) of.take(batch(n));
    assertEquals(drain(of, 5), [10, 11, 12, 1, 13]);
    for (const key of ["0010", "0011", "0001"]) of.taken(of.find(key)!);
    of.take(batch(14));
    of.resend();
    assertEquals([of.takenBatches, of.inFlight(SAFETY), of.fill], [0, 2, of.bytes / (100 * COST)]);
    assertEquals(drain(of, 7), [14, 1, 2, 3, 4, 10, 11]);
  });

  it("gives back the oldest that is taken, of that lane, and nothing else", () => {
    const of = backlog({ bytesMax: 4 * COST });
    of.take(batch(1, { lane: 1 }));
    for (const n of [2, 3, 4]) of.take(batch(n));
    of.taken(of.find(of.next(1, 0)!.key)!);
    assertEquals(of.giveBack(SAFETY, "taken"), undefined);
    drain(of, 2);
    for (const key of ["0002", "0003"]) of.taken(of.find(key)!);
    assertEquals([of.canTake, of.giveBack(SAFETY, "taken")?.key, of.canTake], [false, "0002", true]);
    assertEquals([of.find("0002"), of.bytes, of.takenBatches], [undefined, 3 * COST, 2]);
    assertEquals([of.giveBack(SAFETY, "waiting")?.key, of.giveBack(SAFETY, "waiting")], ["0004", undefined]);
    assertEquals([of.bytes, of.takenBatches, of.fill], [2 * COST, 2, 0]);
  });

  it("knows its bytes, whatever happens to it", () => {
    const action = fc.constantFrom(
      "take",
      "next",
      "acknowledge",
      "judge",
      "resend",
      "give back",
      "lose",
      "reject",
      "replay",
    );
    fc.assert(fc.property(fc.array(action, { maxLength: 100 }), (actions) => {
      const of = backlog({ bytesMax: 1e9 });
      const waiting = new Set<string>();
      const onWire: string[] = [];
      for (const [n, what] of actions.entries()) {
        if (what === "take") {
          of.take(batch(n));
          waiting.add(batch(n).key);
        } else if (what === "next") {
          const next = of.next(SAFETY, n);
          if (next) onWire.push(next.key);
        } else if (what === "lose") {
          of.connectionLost();
          onWire.length = 0;
        } else if (what === "judge") {
          const held = onWire[0] === undefined ? undefined : of.find(onWire[0]);
          if (held) of.taken(held);
        } else if (what === "resend") {
          of.resend();
          for (let i = onWire.length - 1; i >= 0; i--) if (!of.find(onWire[i]!)) onWire.splice(i, 1);
        } else if (what === "give back") {
          const given = of.giveBack(SAFETY, n % 2 === 0 ? "taken" : "waiting");
          if (given) waiting.delete(given.key);
          if (given && onWire.includes(given.key)) onWire.splice(onWire.indexOf(given.key), 1);
        } else if (what === "replay") {
          for (const { key } of of.replay({ fromUs: 0, toUs: 1e9 })) waiting.add(key);
        } else {
          const key = onWire.shift();
          const found = key === undefined ? undefined : of.find(key);
          if (!found) continue;
          if (what === "acknowledge") of.acknowledged(found, n);
          else of.rejected(found);
          waiting.delete(key!);
        }
        assertEquals([of.bytes, of.unacknowledged], [COST * waiting.size, waiting.size]);
      }
    }));
  });

  it("sends what is left in the order of sealing, however often the connection was lost", () => {
    const action = fc.constantFrom("take", "take", "next", "next", "acknowledge", "judge", "lose");
    fc.assert(fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const of = backlog({ bytesMax: 1e9 });
      const left = new Set<number>();
      const onWire: number[] = [];
      for (const [n, what] of actions.entries()) {
        if (what === "take") {
          of.take(batch(n));
          left.add(n);
        } else if (what === "next") {
          const next = of.next(SAFETY, n);
          if (next) onWire.push(Number(next.key));
        } else if (what === "lose") {
          of.connectionLost();
          onWire.length = 0;
        } else if (what === "judge") {
          // In the order of sending, as the aggregator does.
          const next = onWire.find((key) => !of.find(String(key).padStart(4, "0"))!.taken);
          if (next !== undefined) of.taken(of.find(String(next).padStart(4, "0"))!);
        } else {
          const acknowledged = onWire.splice(onWire.length >> 1, 1)[0];
          if (acknowledged === undefined) continue;
          acknowledge(of, acknowledged);
          left.delete(acknowledged);
        }
      }
      of.connectionLost();
      assertEquals(drain(of, left.size + 1), [...left, -1]);
    }));
  });

  it("is full when its batches fill the memory it was given, not when their bodies do", () => {
    const bytesMax = 4 << 20;
    const of = backlog({ bytesMax });
    let taken = 0;
    while (of.canTake) of.take(batch(taken++, { bytes: 80 }));
    // Measured: 2.2 KB of memory for each of them.
    assertLess(taken * 2000, bytesMax);
    const receipts = backlog({ bytesMax });
    for (taken = 0; receipts.canTake; taken++) receipts.take({ ...batch(taken), receipt: new Uint32Array(20_000) });
    assertEquals(taken, Math.ceil(bytesMax / (COST + 80_000)));
  });

  it("lets go of what is acknowledged by what it costs", () => {
    const of = backlog({ bytesMax: 10 * COST });
    for (let n = 0; n < 30; n++) {
      of.take(batch(n));
      drain(of, 1);
      acknowledge(of, n);
    }
    assertEquals(of.replay({ fromUs: 0, toUs: 1000 }).length, 10);
  });

  it("has as much room for what is acknowledged after a replay as before it", () => {
    const of = backlog({ bytesMax: 10 * COST });
    for (let round = 0; round < 4; round++) {
      for (let n = 0; n < 6; n++) {
        if (round === 0) of.take(batch(n));
        drain(of, 1);
        acknowledge(of, n);
      }
      assertEquals(of.replay({ fromUs: 0, toUs: 1000 }).length, 6);
    }
  });

  it("knows how long its oldest batch waits, wherever that is", () => {
    const of = backlog();
    assertEquals(of.ageMs(5), 0);
    for (const n of [1000, 2000, 3000]) of.take(batch(n));
    assertEquals(of.ageMs(5), 4);
    drain(of, 2);
    assertEquals(of.ageMs(5), 4);
    acknowledge(of, 1000);
    assertEquals(of.ageMs(5), 3);
    of.connectionLost();
    assertEquals(of.ageMs(5), 3);
    drain(of, 1);
    acknowledge(of, 2000);
    assertEquals(of.ageMs(5), 2);
  });

  it("is worked off after a long outage at the same cost a batch as after a short one", () => {
    const costOf = (count: number): number => {
      const of = backlog({ bytesMax: 1e12 });
      for (let n = 0; n < count; n++) of.take(batch(n, { bytes: 1 }));
      const fromMs = performance.now();
      for (let n = 0; n < count; n++) {
        // Each fifth of it, the connection is lost.
        if (n % (count / 5) === 0) of.connectionLost();
        const held = of.find(of.next(SAFETY, 0)!.key)!;
        of.ageMs(0);
        if (of.unacknowledged > 0) of.acknowledged(held, n);
        if (n % 100 === 0) of.advance(n);
      }
      assertEquals([of.unacknowledged, of.bytes], [0, 0]);
      return (performance.now() - fromMs) / count;
    };
    costOf(2000);
    const best = (count: number) => Math.min(...[1, 2, 3].map(() => costOf(count)));
    const [short, long] = [best(10_000), best(200_000)];
    // At a cost that grows with what waits it would be twenty times as much, or more.
    assertLess(long, short * 10, `${long} ms a batch of 200,000, ${short} ms of 10,000`);
  });
});
