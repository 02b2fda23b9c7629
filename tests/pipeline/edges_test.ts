import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { TumblingWindow } from "../../aggregator/outputs.ts";
import { PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { Watermark } from "../../aggregator/pipeline/windows/watermark.ts";
import { EdgePresence } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import type { Row } from "./build_batch.ts";
import { S, Scene, straight, T0 } from "./scene.ts";

const at = straight({ vnMps: 5 });
const far = straight({ eastM: 20_000, vnMps: 5 });

/** The last emission of each second of the whole fleet, by its number. */
function windows(scene: Scene): Map<number, TumblingWindow> {
  return new Map(scene.outputs.flatMap((of) => {
    return of.type === "tumbling" && of.window.zone === "*" ? [[(of.window.startUs - T0) / S, of.window] as const] : [];
  }));
}

describe("an edge or drone that is behind", () => {
  it("by an hour does not keep the fleet from its windows; both are named, and its records are late", () => {
    const scene = new Scene([
      { droneId: "good", slot: 1, at },
      { droneId: "slow", slot: 2, edgeId: "e2", at: far, clockS: () => -3600 },
    ]);
    scene.flyTo(30);
    assertLess(T0 + 30 * S - scene.pipeline.fleet().watermarkUs!, 6 * S);
    assertGreater([...windows(scene).values()].filter(({ records }) => records.position === 10).length, 20);
    assertEquals(
      scene.alerts.filter(({ kind, transition }) => kind === "degraded" && transition === "raise").length,
      1,
    );
    assert(scene.alerts.find(({ kind }) => kind === "degraded")!.message.includes("e2"));
    assertEquals(scene.alerts.filter(({ kind }) => kind === "clock-skew").map(({ droneIds }) => droneIds), [["slow"]]);
    assertGreater(scene.pipeline.fleet().records.late, 200);
  });

  it("holds the windows for as long as five seconds, and is no longer told of when it has caught up", () => {
    const scene = new Scene([
      { droneId: "good", slot: 1, at },
      { droneId: "slow", slot: 2, edgeId: "e2", at: far, clockS: (s) => s < 20 ? -20 : 0 },
    ]);
    scene.flyTo(40);
    const told = scene.alerts.filter(({ kind }) => kind === "degraded").map(({ transition }) => transition);
    assertEquals(told, ["raise", "resolve"]);
    assertEquals(scene.pipeline.fleet().records.late, 0);
  });
});

/** Two drones; what one of them tells from 20 to 35 s arrives from 35 s on, a second's worth in each tenth of a second. */
/** How many seconds are frozen now. */
function frozenSeconds({ pipeline }: Scene): number {
  return Array.from(pipeline.snapshot()).flatMap((piece) => piece.type === "past" ? piece.seconds : []).length;
}

function cut(presence: boolean) {
  const scene = new Scene([{ droneId: "good", slot: 1, at }]);
  const kept: Row[] = [];
  let seq = 0;
  let sent = 0;
  const slots = [{ slot: 1, droneId: "cut-off" }];
  const tell = (rows: Row[], sealedUs?: number) => {
    sent += rows.length;
    scene.send(rows, { slots, edgeId: "e2", ...sealedUs !== undefined && { sealedUs } });
  };
  scene.flyTo(80, (s) => {
    const row: Row = { kind: "battery", slot: 1, seq: ++seq, eventTimeUs: scene.nowUs - 5000, remainingCpct: 9000 };
    if (presence && s === 21) scene.pipeline.edgeChanged({ edgeId: "e2", presence: EdgePresence.LOST });
    if (presence && s === 35) scene.pipeline.edgeChanged({ edgeId: "e2", presence: EdgePresence.BEHIND });
    if (presence && s === 38) scene.pipeline.edgeChanged({ edgeId: "e2", presence: EdgePresence.CURRENT });
    if (s >= 20 && s < 35) {
      kept.push(row);
      return;
    }
    tell([row]);
    // Another second that nothing of it was told in.
    if (kept.length > 0) tell(kept.splice(0, 10), scene.nowUs - 10 * S);
  });
  return { scene, sent };
}

describe("an uplink that is cut for 15 s", () => {
  it("costs no record its window, and no window its records", () => {
    const { scene, sent } = cut(true);
    const { records } = scene.pipeline.fleet();
    assertEquals([records.late, records.battery], [0, sent]);
    const all = windows(scene);
    const counted = [...all.values()].reduce((sum, { records }) => sum + records.battery, 0);
    // The last second and the one before have not fired yet.
    assertGreater(counted, sent - 25);
    for (let s = 0; s < 77; s++) assertEquals(all.get(s)?.records.battery, 10, `second ${s}`);
  });

  it("is told by each window that closed meanwhile, until its edge has delivered what it kept", () => {
    const { scene } = cut(true);
    const missing = scene.outputs.flatMap((of) => {
      if (of.type !== "tumbling" || of.window.zone !== "*" || of.window.complete) return [];
      assertEquals(of.window.missingEdges, ["e2"]);
      return [(of.window.startUs - T0) / S];
    });
    assertGreater(new Set(missing).size, 12);
    const last = windows(scene);
    for (let s = 0; s < 77; s++) assertEquals([s, last.get(s)?.complete], [s, true]);
  });

  it("costs nothing either when nobody said so", () => {
    const { scene, sent } = cut(false);
    assertEquals([scene.pipeline.fleet().records.late, scene.pipeline.fleet().records.battery], [0, sent]);
  });
});

describe("an edge whose clock was set back", () => {
  it("delivers what is delayed for a moment, and not any more", () => {
    const watermark = new Watermark(PIPELINE_DEFAULTS);
    const delayed: number[] = [];
    for (let ms = 0; ms < 20_000; ms += 100) {
      const [nowUs, backUs] = [T0 + ms * 1000, ms < 10_000 ? 0 : 60 * S];
      if (watermark.arrived("e1", { sealedUs: nowUs - 1000 - backUs, nowUs })) delayed.push(ms);
    }
    assertGreater(delayed.length, 0);
    assertLess(delayed.at(-1)! - delayed[0]!, 5000);
    assertEquals(delayed.length, (delayed.at(-1)! - delayed[0]!) / 100 + 1);
  });
});

describe("windows that are over", () => {
  it("are revised for a quarter of an hour, frozen or not, and not after that", () => {
    const scene = new Scene([{ droneId: "good", slot: 1, at }]);
    const slots = [{ slot: 7, droneId: "late" }];
    scene.flyTo(60);
    const row = (seq: number, s: number): Row => {
      return { kind: "battery", slot: 7, seq, eventTimeUs: T0 + s * S, remainingCpct: 9000 };
    };
    scene.send([row(1, 59.5)], { slots });
    scene.send([row(2, 5.5)], { slots });
    assertEquals(scene.pipeline.fleet().records.late, 0);
    scene.flyTo(100);
    assertEquals(windows(scene).get(5)?.records, { position: 10, battery: 1, obstacles: 0, nearDuplicate: 0 });
    for (let s = 110; s < 880; s += 10) {
      scene.nowS = s;
      scene.send([{ kind: "battery", slot: 7, seq: 100 + s, eventTimeUs: scene.nowUs - 1000, remainingCpct: 9000 }]);
    }
    scene.flyTo(890);
    scene.send([row(3, 6.5)], { slots });
    scene.flyTo(895);
    assertEquals(windows(scene).get(6)?.records.battery, 1);
    assertEquals(scene.pipeline.fleet().records.late, 0);
    scene.flyTo(960);
    scene.send([row(4, 6.6)], { slots });
    assertEquals(scene.pipeline.fleet().records.late, 1);
    assertEquals([windows(scene).get(6)?.records.battery, windows(scene).get(6)?.final], [1, true]);
  });

  it("hold each of a thousand drones as it was, frozen and not", () => {
    const scene = new Scene([{ droneId: "good", slot: 1, at }]);
    const sent = Array.from({ length: 1000 }, (_, i): Row => {
      return { kind: "battery", slot: 10 + i, seq: 1, eventTimeUs: T0 + 5 * S + i, remainingCpct: 5000 + i };
    });
    scene.flyTo(5.5);
    for (let i = 0; i < sent.length; i += 200) {
      const rows = sent.slice(i, i + 200);
      scene.send(rows, { slots: rows.map(({ slot }) => ({ slot, droneId: `d${slot}`, zone: `z${slot % 20}` })) });
    }
    scene.flyTo(60);
    const perZone = (obstacles: number) => {
      const last = new Map<string, unknown>();
      for (const output of scene.outputs) {
        if (output.type !== "tumbling" || output.window.startUs !== T0 + 5 * S) continue;
        const { zone, dronesReporting, records, battery } = output.window;
        const more = zone === "*" || zone === "z13" ? obstacles : 0;
        last.set(zone, { dronesReporting, battery, records: { ...records, obstacles: records.obstacles + more } });
      }
      return last;
    };
    const expected = perZone(1);
    assertEquals(expected.size, 22);
    scene.send([{ kind: "obstacles", slot: 13, seq: 2, eventTimeUs: T0 + 5.5 * S }]);
    scene.flyTo(65);
    assertEquals(perZone(0), expected);
  });

  it("take no more memory than they may when each of many is revised: those revised longest ago are frozen again", () => {
    const scene = new Scene();
    const [drones, seconds] = [400, 100];
    const slots = Array.from({ length: drones }, (_, i) => ({ slot: i + 1, droneId: `d${i}` }));
    const row = (slot: number, s: number): Row => {
      return { kind: "battery", slot, seq: s + 1, eventTimeUs: T0 + s * S, remainingCpct: 9000 };
    };
    for (let s = 0; s < seconds; s++) {
      scene.nowS = s + 0.1;
      for (let i = 0; i < drones; i += 200) {
        const some = slots.slice(i, i + 200);
        scene.send(some.map(({ slot }) => row(slot, s)), { slots: s === 0 ? some : [] });
      }
    }
    for (let s = seconds; s < seconds + 60; s++) {
      scene.nowS = s + 0.1;
      for (let tenth = 0; tenth < 10; tenth++) scene.take(scene.pipeline.tick(scene.nowUs + tenth * S / 10));
      scene.send([row(1, s)]);
    }
    const frozen = frozenSeconds(scene);
    for (let s = 0; s < seconds; s++) {
      scene.send([{ ...row(500, s), kind: "obstacles" }], { slots: [{ slot: 500, droneId: "late" }] });
    }
    assertGreater(frozenSeconds(scene), frozen / 6);
    assertEquals(scene.pipeline.fleet().records.late, 0);
  });

  it("are revised after the host's clock was set back as before", () => {
    const scene = new Scene([{ droneId: "good", slot: 1, at }]);
    const slots = [{ slot: 7, droneId: "late" }];
    const { pipeline } = scene;
    let aheadUs = 3600 * S;
    const [step, tick] = [pipeline.step.bind(pipeline), pipeline.tick.bind(pipeline)];
    pipeline.step = (entry) => step({ ...entry, ingestionTimeUs: entry.ingestionTimeUs + aheadUs });
    pipeline.tick = (nowUs) => tick(nowUs + aheadUs);
    const late = (seq: number) => {
      scene.send([{ kind: "battery", slot: 7, seq, eventTimeUs: T0 + 10.5 * S, remainingCpct: 9000 }], { slots });
    };
    scene.flyTo(20);
    late(1);
    scene.flyTo(25);
    aheadUs = 0;
    scene.take(pipeline.clockStepped({ stepUs: -3600 * S, nowUs: scene.nowUs }));
    late(2);
    scene.flyTo(28);
    assertEquals(windows(scene).get(10)?.records.battery, 2);
  });

  it("expire earlier when what they need of memory is used up", () => {
    const drones = Array.from(
      { length: 40 },
      (_, i) => ({ droneId: `d${i}`, slot: i + 1, at: straight({ eastM: i * 3000 }) }),
    );
    const scene = new Scene(drones, { pastBytesMax: 120_000 });
    scene.flyTo(90);
    const { bytes, seconds } = scene.pipeline.fleet().past;
    assertLess(bytes, 130_000);
    assertLess(seconds, 80);
    const finals = scene.outputs.filter((of) => of.type === "tumbling" && of.window.final);
    assertGreater(finals.length, 10);
    const slots = [{ slot: 99, droneId: "late" }];
    scene.send([{ kind: "battery", slot: 99, seq: 1, eventTimeUs: T0 + S, remainingCpct: 9000 }], { slots });
    assertEquals(scene.pipeline.fleet().records.late, 1);
  });
});
