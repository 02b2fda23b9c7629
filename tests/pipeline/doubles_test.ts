import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { makeEntry, type Row } from "./build_batch.ts";
import { Scene, straight } from "./scene.ts";

/** Far from one another. */
const here = straight({ vnMps: 5 });
const there = straight({ eastM: 20_000, vnMps: -5 });
/** No two measure in the same microsecond. */
const clockS = () => 0.000_037;
const SECONDS = 20;

interface Case {
  bootIds: [number, number];
  edgeIds: [string, string];
  /** Where the numbers of the second one begin, and when it comes. */
  seq: number;
  fromS: number;
}

const CASES: Record<string, Case> = {
  "of one boot through two edges, from the start": { bootIds: [1, 1], edgeIds: ["e1", "e2"], seq: 0, fromS: 0 },
  "of one boot through two edges, one of them later": { bootIds: [1, 1], edgeIds: ["e1", "e2"], seq: 0, fromS: 5 },
  "of one boot that is far behind in its numbers": { bootIds: [1, 1], edgeIds: ["e1", "e2"], seq: 3000, fromS: 0 },
  "of two boots through one edge": { bootIds: [1, 2], edgeIds: ["e1", "e1"], seq: 0, fromS: 3 },
  "of two boots through two edges": { bootIds: [1, 2], edgeIds: ["e1", "e2"], seq: 0, fromS: 3 },
};

describe("two drones that use one id", () => {
  for (const [which, { bootIds, edgeIds, seq, fromS }] of Object.entries(CASES)) {
    it(`${which}, are told once, shown apart, and each of their records counts`, () => {
      let sent = 0;
      const counted = (at: typeof here, sinceS: number): typeof here => (s) => {
        if (s < sinceS) return null;
        sent++;
        return at(s);
      };
      const scene = new Scene([
        { droneId: "twin", slot: 1, bootId: bootIds[0], edgeId: edgeIds[0], at: counted(here, 0), seq },
        { droneId: "twin", slot: 2, bootId: bootIds[1], edgeId: edgeIds[1], at: counted(there, fromS), clockS },
      ]);
      scene.flyTo(SECONDS);
      const { records } = scene.pipeline.fleet();
      assertEquals([records.accepted, records.duplicate], [sent, 0]);
      assertEquals(scene.alerts.filter(({ kind }) => kind === "identity-clash").length, 1);
      const drones = [...scene.pipeline.drones()];
      assertEquals(drones.map(({ droneId }) => droneId).sort(), ["twin", "twin~2"]);
      const [west, east] = drones.toSorted((a, b) => a.position!.lonDeg - b.position!.lonDeg);
      assertGreater(east!.position!.lonDeg - west!.position!.lonDeg, 0.2);
      assertEquals(drones.map(({ droneId }) => scene.pipeline.usedId(droneId)), ["twin", "twin"]);
      assertEquals(scene.pipeline.fleet().airspace.tracks, 2);
      assertEquals(scene.raised("position-glitch"), []);
    });
  }

  it("are told of once however many others there are, and the fifth counts as one of them", () => {
    const scene = new Scene(Array.from({ length: 6 }, (_, i) => {
      const at = straight({ eastM: i * 20_000, vnMps: 5 });
      return { droneId: "twin", slot: 1, edgeId: `e${i}`, at, clockS: () => i * 0.000_037 };
    }));
    scene.flyTo(5);
    const { fleet } = { fleet: scene.pipeline.fleet() };
    assertEquals(fleet.drones, 4);
    assertEquals(fleet.records.received, 300);
    assertEquals(scene.raised("identity-clash").length, 1);
  });

  it("are one again some time after the other was last heard", () => {
    const scene = new Scene([
      { droneId: "twin", slot: 1, at: here },
      { droneId: "twin", slot: 2, edgeId: "e2", at: (s) => s < 5 ? there(s) : null, clockS },
    ]);
    scene.flyTo(30);
    const told = scene.alerts.filter(({ kind }) => kind === "identity-clash").map(({ transition }) => transition);
    assertEquals(told, ["raise", "resolve"]);
  });

  it("are not taken for one whose records come again: through another edge, in another order, after a clock was set", () => {
    const scene = new Scene();
    const slots = [{ slot: 1, droneId: "a" }];
    const row = (seq: number, setS = 0) => {
      return {
        kind: "battery" as const,
        slot: 1,
        seq,
        eventTimeUs: scene.nowUs - 1000 + setS * 1e6,
        remainingCpct: 9000,
      };
    };
    const sent = [];
    for (let i = 0; i < 2500; i++) {
      const one = row(i, i > 2000 ? -300 : 0);
      sent.push(one);
      scene.send([one], { slots });
      scene.nowS += 0.03;
    }
    for (const edgeId of ["e1", "e2"]) {
      for (let i = 0; i < sent.length; i += 7) scene.send(sent.slice(i, i + 7).reverse(), { slots, edgeId });
    }
    const { records } = scene.pipeline.fleet();
    assertEquals([records.accepted, records.duplicate], [2500, 5000]);
    assertEquals(scene.raised("identity-clash"), []);
    assertEquals(scene.pipeline.fleet().drones, 1);
  });

  it("are not taken for one whose clock was ahead until it was set, and that sends what it measured meanwhile", () => {
    const scene = new Scene();
    const slots = [{ slot: 1, droneId: "a" }];
    const kept: Row[] = [];
    for (let seq = 0; seq < 600; seq++, scene.nowS += 0.1) {
      const aheadUs = seq < 100 ? 3600e6 : 0;
      const row: Row = {
        kind: "battery",
        slot: 1,
        seq,
        eventTimeUs: scene.nowUs - 1000 + aheadUs,
        remainingCpct: 9000,
      };
      if (seq > 60 && seq < 300) kept.push(row);
      else scene.send([row], { slots });
    }
    for (let i = 0; i < kept.length; i += 20, scene.nowS += 0.05) scene.send(kept.slice(i, i + 20), { slots });
    assertEquals(scene.pipeline.fleet().records.accepted, 600);
    assertEquals(scene.raised("identity-clash"), []);
    assertEquals(scene.pipeline.fleet().drones, 1);
  });

  it("are not taken for one that roams, or hands in each second record through another edge", () => {
    for (const everyS of [0.1, 3]) {
      const at = (s: number) => Math.floor(s / everyS + 1e-9) % 2;
      const scene = new Scene();
      let seq = 0;
      const late: [string, Row][] = [];
      scene.flyTo(30, (s) => {
        const edgeId = `e${at(s)}`;
        const row: Row = { kind: "battery", slot: 1, seq: ++seq, eventTimeUs: scene.nowUs - 1000, remainingCpct: 9000 };
        // One edge is slower than the other.
        if (seq % 20 < 10) scene.send([row], { edgeId, slots: [{ slot: 1, droneId: "a" }] });
        else late.push([edgeId, row]);
        if (seq % 20 === 15) {
          for (const [edgeId, row] of late.splice(0)) scene.send([row], { edgeId, slots: [{ slot: 1, droneId: "a" }] });
        }
      });
      assertEquals(scene.raised("identity-clash"), [], `${everyS}`);
      assertEquals(scene.pipeline.fleet().drones, 1);
    }
  });

  it("are not taken for one whose records come twice, through two edges that lose some and are seconds apart", () => {
    const scene = new Scene();
    const slots = [{ slot: 1, droneId: "a" }];
    const flown: Row[] = [];
    scene.flyTo(40, () => {
      const seq = flown.length + 1;
      const row: Row = { kind: "battery", slot: 1, seq, eventTimeUs: scene.nowUs - 1000, remainingCpct: 9000 };
      flown.push(row);
      if (seq % 3 !== 0) scene.send([row], { slots });
      const before = flown.at(-100);
      if (before && before.seq % 7 !== 0) scene.send([before], { slots, edgeId: "e2" });
    });
    assertEquals(scene.raised("identity-clash"), []);
    assertEquals(scene.pipeline.fleet().drones, 1);
  });

  it("are not taken for one that roams for minutes, and hands in at its last edge what it had left there", () => {
    const scene = new Scene();
    const slots = [{ slot: 1, droneId: "a" }];
    const kept: Row[] = [];
    let seq = 0;
    scene.flyTo(60, (s) => {
      const row: Row = { kind: "battery", slot: 1, seq: ++seq, eventTimeUs: scene.nowUs - 1000, remainingCpct: 9000 };
      if (seq % 25 === 0) return void kept.push(row);
      const edgeId = `e${Math.floor(s / 5) % 2}`;
      scene.send([row], { slots, edgeId });
      if (seq % 50 === 2 && kept.length > 4) {
        scene.send([kept.shift()!], { slots, edgeId: edgeId === "e0" ? "e1" : "e0" });
      }
    });
    assertEquals(scene.raised("identity-clash"), []);
    assertEquals(scene.pipeline.fleet().drones, 1);
  });

  it("stay apart when one of their edges names its slots anew", () => {
    const scene = new Scene([
      { droneId: "twin", slot: 1, bootId: 1, at: here },
      { droneId: "twin", slot: 2, bootId: 2, at: (s) => s < 3 ? null : there(s), clockS },
    ]);
    scene.flyTo(10);
    const records = () => [...scene.pipeline.drones()].map((drone) => drone.records);
    const before = records();
    // The boot that came later is the drone's; the one before it is the other's.
    const row = { kind: "battery", slot: 7, seq: 9000, eventTimeUs: scene.nowUs, remainingCpct: 9000 } as const;
    scene.send([row], { slots: [{ slot: 7, droneId: "twin", bootId: 1 }], edgeId: "e9" });
    assertEquals(records(), [before[0]!, before[1]! + 1]);
  });

  it("are kept apart by the number that their edge gives them", () => {
    const scene = new Scene();
    for (const [source, slot] of [[0, 1], [1, 2]] as const) {
      const entry = makeEntry({
        rows: [{ kind: "battery", slot, seq: 1, eventTimeUs: scene.nowUs + source, remainingCpct: 9000 }],
        slots: [{ slot, droneId: "twin" }],
        ingestionTimeUs: scene.nowUs,
      });
      entry.sealed.slots[0]!.source = source;
      scene.take(scene.pipeline.step(entry).outputs);
    }
    assertEquals([...scene.pipeline.drones()].map(({ droneId }) => droneId), ["twin", "twin~2"]);
    assertEquals(scene.raised("identity-clash").length, 1);
  });
});
