import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { makeEntry } from "./build_batch.ts";
import { type DroneInit, FLYING, Scene, straight } from "./scene.ts";

const MEET_S = 20;

/** Two drones that meet. */
function meeting(droneIds: [string, string], { slot, eastM }: { slot: number; eastM: number }): DroneInit[] {
  return droneIds.map((droneId, i) => {
    const vnMps = i === 0 ? 10 : -10;
    return { droneId, slot: slot + i, at: straight({ fromS: MEET_S, eastM, vnMps }) };
  });
}

function inConflict(scene: Scene): string[][] {
  return scene.alerts.filter(({ kind, transition }) => kind === "conflict" && transition === "raise")
    .map(({ droneIds }) => droneIds);
}

describe("ids", () => {
  it("with any character in them are told apart: each of two pairs is warned", () => {
    const scene = new Scene([
      ...meeting(["a|b", "c"], { slot: 1, eastM: 0 }),
      ...meeting(["a", "b|c"], { slot: 3, eastM: 5000 }),
    ]);
    scene.flyTo(MEET_S);
    assertEquals(inConflict(scene).sort(), [["a", "b|c"], ["a|b", "c"]]);
  });

  it("that a drone really has are its own, whatever name was given to one that uses another's", () => {
    const at = straight({ vnMps: 5 });
    const scene = new Scene([
      { droneId: "twin", slot: 1, at },
      { droneId: "twin", slot: 2, edgeId: "e2", at: straight({ eastM: 20_000 }), clockS: () => 0.000_037 },
      { droneId: "twin~2", slot: 3, at: (s) => s < 5 ? null : straight({ eastM: 40_000 })(s) },
    ]);
    scene.flyTo(10);
    const { pipeline } = scene;
    const known = [...pipeline.drones()].map(({ droneId, records }) => [droneId, pipeline.usedId(droneId), records]);
    assertEquals(known.sort(), [["twin", "twin", 100], ["twin~2", "twin~2", 50], ["twin~3", "twin", 100]]);
    const lonDeg = (droneId: string) => pipeline.drone(droneId)!.position!.lonDeg;
    assertGreater(lonDeg("twin~2") - lonDeg("twin~3"), 0.2);
    assertEquals(pipeline.fleet().airspace.tracks, 3);
    assertEquals(inConflict(scene), []);
  });
});

describe("alerts", () => {
  it("of one kind are bounded, and leave room for all others", () => {
    const lost = [10, 11, 12].map((slot): DroneInit => {
      return { droneId: `lost-${slot}`, slot, at: (s) => s < 1 ? straight({ eastM: slot * 3000 })(s) : null };
    });
    const settings = { openAlertsMax: 2 };
    const scene = new Scene([...lost, ...meeting(["a", "b"], { slot: 1, eastM: 0 })], settings);
    scene.flyTo(MEET_S);
    assertEquals(scene.raised("link-loss").length, 2);
    assertEquals(inConflict(scene), [["a", "b"]]);
  });

  it("that are over make room for others of their kind", () => {
    const away = [10, 11, 12, 13].map((slot): DroneInit => {
      const fromS = slot < 12 ? 1 : 12;
      return {
        droneId: `d${slot}`,
        slot,
        at: (s) => s < fromS || s > 10 + fromS ? straight({ eastM: slot * 3000 })(s) : null,
      };
    });
    const scene = new Scene(away, { openAlertsMax: 2 });
    scene.flyTo(25);
    assertEquals(scene.raised("link-loss").length, 4);
    assertEquals(scene.pipeline.openAlerts(), []);
  });

  it("that have become worse make room for others of the kind that they were", () => {
    const scene = new Scene([], { openAlertsMax: 1 });
    for (let s = 0; s < 60; s++, scene.nowS++) {
      const cpct = { a: s < 20 ? 2000 : 500, b: s < 40 ? 9000 : 2000 };
      for (const [droneId, remainingCpct] of Object.entries(cpct)) {
        const slot = droneId.charCodeAt(0);
        const row = { kind: "battery", slot, seq: s, eventTimeUs: scene.nowUs - 1000, remainingCpct } as const;
        scene.send([row], { slots: [{ slot, droneId }] });
      }
    }
    const open = scene.pipeline.openAlerts().map(({ kind, droneIds }) => [kind, ...droneIds]);
    assertEquals(open, [["battery-critical", "a"], ["battery-low", "b"]]);
  });

  it("come of the last of a drone's many batteries too", () => {
    const scene = new Scene();
    for (let id = 0; id < 40; id++) {
      const row = { kind: "battery", slot: 1, seq: id, eventTimeUs: scene.nowUs, id, remainingCpct: 9000 } as const;
      scene.send([row], { slots: [{ slot: 1, droneId: "a" }] });
      scene.nowS++;
    }
    for (let i = 0; i < 20; i++, scene.nowS++) {
      scene.send([{ kind: "battery", slot: 1, seq: 50 + i, eventTimeUs: scene.nowUs, id: 99, remainingCpct: 300 }]);
    }
    assertEquals(scene.raised("battery-critical").length, 1);
    assertEquals(scene.pipeline.drone("a")!.batteries.length, 16);
  });
});

describe("obstacles", () => {
  it("are seen by the last of a drone's many sensors too", () => {
    const scene = new Scene();
    const scan = (seq: number, sensorId: number, rangeCm: number) => {
      const hits = [{ rangeCm, bearingCdeg: 0, elevationCdeg: 0 }];
      const base = { kind: "obstacles", slot: 1, seq, eventTimeUs: scene.nowUs, flags: FLYING } as const;
      scene.send([{ ...base, sensorId, hits }], { slots: [{ slot: 1, droneId: "a" }] });
      scene.nowS += 0.1;
    };
    for (let id = 0; id < 40; id++) scan(id + 1, id, 3000);
    for (let i = 0; i < 10; i++) scan(100 + i, 99, 100);
    assertEquals(scene.raised("obstacle").length, 1);
  });
});

describe("drones", () => {
  it("are bounded: those silent longest make room, and none that is heard now is forgotten", () => {
    const scene = new Scene([], { dronesMax: 32 });
    for (let i = 0; i < 100; i++, scene.nowS += 0.1) {
      const row = { kind: "battery", slot: 1 + i, seq: 1, eventTimeUs: scene.nowUs } as const;
      scene.send([row], { slots: [{ slot: 1 + i, droneId: `d${i}` }] });
      assertGreater(33, scene.pipeline.fleet().drones);
    }
    const known = [...scene.pipeline.drones()].map(({ droneId }) => droneId);
    assertGreater(known.length, 29);
    assertEquals(known, Array.from({ length: known.length }, (_, i) => `d${100 - known.length + i}`));
  });

  it("that are heard stay, however many others come and go, and after a restart as well", () => {
    let scene = new Scene([], { dronesMax: 32 });
    const hear = (droneId: string, seq: number) => {
      const row = { kind: "battery", slot: 1, seq, eventTimeUs: scene.nowUs } as const;
      scene.send([row], { slots: [{ slot: 1, droneId }] });
    };
    for (let i = 0; i < 200; i++) {
      for (let n = 0; n < 10; n++) hear(`stays-${n}`, i);
      hear(`passes-${i}`, 1);
      scene.nowS += 0.1;
      if (i !== 100) continue;
      const restarted = new Scene([], { dronesMax: 32 });
      restarted.pipeline.restore([...scene.pipeline.snapshot()]);
      restarted.nowS = scene.nowS;
      scene = restarted;
    }
    const known = [...scene.pipeline.drones()].map(({ droneId }) => droneId);
    assertEquals(known.filter((droneId) => droneId.startsWith("stays-")).length, 10);
    assertEquals(scene.pipeline.drone("stays-3")?.records, 200, "never forgotten in between");
  });
});

describe("a heading", () => {
  it("is what lies within a turn, all else is none", () => {
    const scene = new Scene();
    const shown = [0, 35_999, 36_000, 65_535].map((headingCdeg, i) => {
      const [latE7, lonE7] = [474_000_000, 85_000_000];
      const row = {
        kind: "position",
        slot: 1,
        seq: i + 1,
        eventTimeUs: scene.nowUs,
        latE7,
        lonE7,
        headingCdeg,
      } as const;
      scene.send([row], { slots: [{ slot: 1, droneId: "a" }] });
      scene.nowS++;
      return scene.pipeline.drone("a")!.position!.headingDeg;
    });
    assertEquals(shown, [0, 359.99, null, null]);
  });
});

describe("records of a void slot", () => {
  it("count nowhere, while those of others in the batch do, and nobody is asked what the slot means", () => {
    const scene = new Scene();
    const row = (slot: number) => ({ kind: "battery", slot, seq: 1, eventTimeUs: scene.nowUs } as const);
    const entry = makeEntry({
      rows: [row(1), row(2)],
      slots: [{ slot: 1, droneId: "a" }, { slot: 2, droneId: "b" }],
      ingestionTimeUs: scene.nowUs,
    });
    const isVoid = makeEntry({ rows: [row(2), row(3)], ingestionTimeUs: scene.nowUs });
    isVoid.sealed.batchId = new Uint8Array(isVoid.sealed.batchId.length).fill(7);
    isVoid.sealed.voidSlots = [2, 3];
    for (const one of [entry, isVoid]) assertEquals(scene.pipeline.step(one).verdict, "accepted");
    const { received, accepted, duplicate } = scene.pipeline.fleet().records;
    assertEquals([received, accepted, duplicate], [2, 2, 0]);
  });
});
