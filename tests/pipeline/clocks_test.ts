import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Row } from "./build_batch.ts";
import { FLYING, S, Scene, straight, T0 } from "./scene.ts";

/** Two that meet head on at 40 s, 10 m/s each. */
const MEET_S = 40;
const hare = straight({ fromS: MEET_S, northM: -1, vnMps: 10 });
const hound = straight({ fromS: MEET_S, northM: 1, vnMps: -10 });

/** When the pair was first warned, and when critically. */
function warned(
  clockS: (s: number) => number,
  { senses = false } = {},
): { scene: Scene; warnedS: number; criticalS: number } {
  const scene = new Scene([
    { droneId: "hare", slot: 1, at: hare, clockS, senses },
    { droneId: "hound", slot: 2, at: hound },
  ]);
  scene.flyTo(MEET_S + 2);
  const raised = scene.raised("conflict");
  return {
    scene,
    warnedS: raised[0]?.[0] ?? NaN,
    criticalS: raised.find(([, severity]) => severity === "critical")?.[0] ?? NaN,
  };
}

const right = warned(() => 0);
const CLOCKS: Record<string, (s: number) => number> = {
  "is set back 5 min in flight": (s) => s < 20 ? 0 : -300,
  "is set back an hour in flight": (s) => s < 20 ? 0 : -3600,
  "is set ahead an hour in flight": (s) => s < 20 ? 0 : 3600,
  "was 18 s ahead, and is corrected shortly before": (s) => s < 22 ? 18 : 0,
  "was 1.9 s ahead, which is believed, and is corrected shortly before": (s) => s < 22 ? 1.9 : 0,
  "is 1 h behind": () => -3600,
  "was never set": () => -T0 / S + 100,
  "stands still from 15 s on": (s) => s < 15 ? 0 : 15 - s,
  "jumps back and forth by 10 min": (s) => Math.floor(s) % 2 === 0 ? 0 : -600,
};

describe("two drones on a head-on course", () => {
  it("are warned 30 s ahead, and critically 10 s ahead, with good clocks", () => {
    assertLess(Math.abs(right.warnedS - (MEET_S - 33)), 2);
    assertLess(Math.abs(right.criticalS - (MEET_S - 12)), 2);
  });

  for (const [which, clockS] of Object.entries(CLOCKS)) {
    it(`are warned as early when the clock of one ${which}`, () => {
      const { scene, warnedS, criticalS } = warned(clockS);
      assertLess(Math.abs(warnedS - right.warnedS), 0.6, `${warnedS}`);
      assertLess(Math.abs(criticalS - right.criticalS), 0.6, `${criticalS}`);
      assertEquals(scene.raised("link-loss"), []);
    });
  }

  // Of one batch, positions are looked at first.
  for (
    const [which, clockS] of Object.entries({
      "is set back 5 min": (s: number) => s < 5 ? 0 : -300,
      "was 18 s ahead, and is corrected": (s: number) => s < 5 ? 18 : 0,
    })
  ) {
    it(`are warned as early when the clock of one ${which} between two records that arrive the other way round`, () => {
      const { scene, warnedS, criticalS } = warned(clockS, { senses: true });
      assertLess(Math.abs(warnedS - right.warnedS), 0.6, `${warnedS}`);
      assertLess(Math.abs(criticalS - right.criticalS), 0.6, `${criticalS}`);
      assertEquals(scene.raised("link-loss"), []);
    });
  }

  it("are warned as early when a clock goes back with a reboot", () => {
    const scene = new Scene([
      { droneId: "hare", slot: 1, bootId: 1, at: (s) => s < 20 ? hare(s) : null, seq: 5000 },
      { droneId: "hare", slot: 3, bootId: 2, at: (s) => s < 20 ? null : hare(s), clockS: () => -300 },
      { droneId: "hound", slot: 2, at: hound },
    ]);
    scene.flyTo(MEET_S);
    assertLess(Math.abs(scene.raised("conflict").find(([, of]) => of === "critical")![0] - right.criticalS), 0.6);
    assertEquals(scene.raised("identity-clash"), []);
  });
});

describe("a clock that is set or stops in flight", () => {
  for (
    const [which, words] of Object.entries({
      "is set back 5 min in flight": "was set back",
      "is set ahead an hour in flight": "ahead",
      "stands still from 15 s on": "stands still",
      "is 1 h behind": "behind",
      "was never set": "not set",
    })
  ) {
    it(`is told once, as clock-skew, when it ${which}`, () => {
      const scene = new Scene([{ droneId: "hare", slot: 1, at: hare, clockS: CLOCKS[which]! }]);
      scene.flyTo(34);
      const told = scene.alerts.filter(({ kind, transition }) => kind === "clock-skew" && transition === "raise");
      assertEquals(told.length, 1);
      assert(told[0]!.message.includes(words), told[0]!.message);
    });
  }

  it("hides no empty battery, and no obstacle at 3 m", () => {
    for (const clockS of [(s: number) => s < 12 ? 0 : -300, (s: number) => s < 12 ? 0 : 12 - s]) {
      const scene = new Scene([{ droneId: "hare", slot: 1, at: hare, clockS }]);
      scene.flyTo(40, (s) => {
        if (s < 13) return;
        const seq = 1_000_000 + Math.round(s * 20);
        const base = { slot: 1, eventTimeUs: scene.nowUs - 5000 + Math.round(clockS(s) * S), flags: FLYING };
        const battery: Row = { kind: "battery", seq, remainingCpct: 500, ...base };
        scene.send([battery, { kind: "obstacles", seq: seq + 1, hits: [{ rangeCm: 300 }], ...base }]);
      });
      assertEquals(scene.raised("obstacle").at(-1)?.[1], "critical");
      assertLess(scene.raised("obstacle")[0]![0], 13.5);
      assertEquals(scene.raised("battery-critical").length, 1);
      assertLess(Math.abs(scene.raised("battery-critical")[0]![0] - 23), 1.5);
    }
  });
});

describe("a frozen receiver", () => {
  it("becomes a ghost though each of its repeats is confirmed by its edge, for the drone says that it moves", () => {
    const scene = new Scene();
    const [slots, fix] = [[{ slot: 1, droneId: "a" }], { latE7: 474_000_000, lonE7: 85_000_000, altMslMm: 1 }];
    const base = (seq: number) => ({ slot: 1, seq, eventTimeUs: scene.nowUs - 5000, flags: FLYING });
    scene.send([{ kind: "position", ...base(1), ...fix, vnCms: 2000 }], { slots });
    let seq = 1;
    scene.flyTo(10, () => scene.send([{ kind: "nearDuplicate", ...base(++seq) }]));
    assertEquals(scene.pipeline.fleet().airspace.ghosts, 1);
  });

  it("of a drone that hovers is none: what is confirmed stays fresh", () => {
    const scene = new Scene();
    const [slots, fix] = [[{ slot: 1, droneId: "a" }], { latE7: 474_000_000, lonE7: 85_000_000, altMslMm: 1 }];
    const base = (seq: number) => ({ slot: 1, seq, eventTimeUs: scene.nowUs - 5000, flags: FLYING });
    scene.send([{ kind: "position", ...base(1), ...fix, vnCms: 20 }], { slots });
    let seq = 1;
    scene.flyTo(10, () => scene.send([{ kind: "nearDuplicate", ...base(++seq) }]));
    assertEquals(scene.pipeline.fleet().airspace.ghosts, 0);
  });
});

describe("records of a clock that stands still", () => {
  it("count when they arrive: not all of them in the second in which it stopped", () => {
    const clockS = (s: number) => s < 10 ? 0 : 10 - s;
    const scene = new Scene([{ droneId: "a", slot: 1, at: hare, clockS }, { droneId: "b", slot: 2, at: hound }]);
    scene.flyTo(30);
    const most = scene.outputs.map((of) => of.type === "tumbling" ? of.window.records.position : 0);
    assertLess(Math.max(...most), 50);
    assertGreater(scene.pipeline.fleet().records.retimed, 150);
  });
});

describe("the host's clock", () => {
  for (const stepS of [-3600, 3600]) {
    it(`set by ${stepS} s hides nothing: no false alert, warnings in time, windows go on`, () => {
      const scene = new Scene([
        { droneId: "hare", slot: 1, at: hare },
        { droneId: "hound", slot: 2, at: hound },
      ]);
      let aheadUs = 0;
      const { pipeline } = scene;
      const step = pipeline.step.bind(pipeline);
      const tick = pipeline.tick.bind(pipeline);
      // The drones' clocks are right before and after: it is ours that was wrong.
      aheadUs = -stepS * S;
      pipeline.step = (entry) => step({ ...entry, ingestionTimeUs: entry.ingestionTimeUs + aheadUs });
      pipeline.tick = (nowUs) => tick(nowUs + aheadUs);
      scene.flyTo(20);
      aheadUs = 0;
      scene.take(pipeline.clockStepped({ stepUs: stepS * S, nowUs: scene.nowUs }));
      scene.flyTo(MEET_S + 10);
      const critical = scene.raised("conflict").find(([, severity]) => severity === "critical");
      assertLess(Math.abs((critical?.[0] ?? NaN) - right.criticalS), 0.6);
      assertEquals(scene.raised("link-loss"), []);
      assertGreater(pipeline.fleet().watermarkUs!, T0 + (MEET_S + 8) * S);
      const windows = new Set(scene.outputs.flatMap((of) => {
        return of.type === "tumbling" && of.window.records.position > 0 ? [(of.window.startUs - T0) / S] : [];
      }));
      const missing = Array.from({ length: MEET_S + 6 }, (_, s) => s).filter((s) => !windows.has(s));
      if (stepS < 0) assertEquals(missing, []);
      assertEquals(pipeline.fleet().records.late, 0);
    });
  }

  for (const stepS of [-3600, 3600]) {
    it(`set by ${stepS} s makes a silent drone a ghost no later and no sooner, and keeps it one for a minute`, () => {
      const scene = new Scene([{ droneId: "hare", slot: 1, at: (s) => s < 10 ? hare(s) : null }]);
      const { pipeline } = scene;
      const tick = pipeline.tick.bind(pipeline);
      scene.flyTo(11);
      scene.take(pipeline.clockStepped({ stepUs: stepS * S, nowUs: scene.nowUs + stepS * S }));
      pipeline.tick = (nowUs) => tick(nowUs + stepS * S);
      const seen: [tracks: number, ghosts: number][] = [];
      for (const untilS of [12.5, 13.5, 68, 71]) {
        scene.flyTo(untilS);
        const { tracks, ghosts } = pipeline.fleet().airspace;
        seen.push([tracks, ghosts]);
      }
      assertEquals(seen, [[1, 0], [1, 1], [1, 1], [0, 0]]);
    });
  }

  it("set while drones fly leaves it to the fixes themselves which of them are believed", () => {
    const scene = new Scene();
    const far = { latE7: 480_000_000, lonE7: 85_000_000 };
    const near = { latE7: 474_000_000, lonE7: 85_000_000 };
    const fix = (seq: number, at: typeof far): Row => {
      const eventTimeUs = scene.nowUs - 1000;
      return {
        kind: "position",
        slot: 1,
        seq,
        eventTimeUs,
        flags: FLYING,
        altMslMm: 500_000,
        hAccMm: 500,
        vAccMm: 500,
        ...at,
      };
    };
    for (let seq = 0; seq < 20; seq++, scene.nowS += 0.1) {
      scene.send([fix(seq, near)], { slots: [{ slot: 1, droneId: "a" }] });
    }
    scene.take(scene.pipeline.clockStepped({ stepUs: 3600 * S, nowUs: scene.nowUs + 3600 * S }));
    scene.nowS += 3600;
    // An hour is enough to get there, a tenth of a second is not.
    scene.send([fix(20, far)]);
    assertEquals(scene.raised("position-glitch").length, 1);
  });

  it("that was ahead when the fleet fell silent closes no window of flights that are still to come", () => {
    const scene = new Scene([{ droneId: "hare", slot: 1, at: (s) => s < 5 || s > 30 ? hare(s) : null }]);
    const { pipeline } = scene;
    scene.flyTo(5);
    // An hour ahead all of a sudden, and nobody flies.
    for (let s = 3605; s < 3625; s++) scene.take(pipeline.tick(T0 + s * S));
    scene.nowS = 25;
    scene.take(pipeline.clockStepped({ stepUs: -3600 * S, nowUs: scene.nowUs }));
    scene.flyTo(40);
    assertEquals(pipeline.fleet().records.late, 0);
    assertGreater(pipeline.fleet().watermarkUs!, T0 + 38 * S);
    assertLess(pipeline.fleet().watermarkUs!, T0 + 41 * S);
  });
});
