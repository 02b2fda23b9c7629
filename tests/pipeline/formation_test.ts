import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FLYING, Scene, T0 } from "./scene.ts";

/** Positions of drones 20 m from each other, told ten times a second; each in the fleet and formation that is asked for then. */
function fly(scene: Scene, drones: { fleet?: string; group: (s: number) => string }[], untilS: number): void {
  for (; scene.nowS < untilS - 1e-9; scene.nowS = Math.round(scene.nowS * 10 + 1) / 10) {
    for (const [i, { fleet = "fleet", group }] of drones.entries()) {
      const fix = { latE7: 474_000_000, lonE7: 85_000_000 + i * 2656, altMslMm: 500_000, hAccMm: 500, vAccMm: 500 };
      const seq = Math.round(scene.nowS * 10) + 1;
      const eventTimeUs = T0 + Math.round(scene.nowS * 1e6) - 5000;
      const row = { kind: "position", slot: i + 1, seq, eventTimeUs, flags: FLYING, ...fix } as const;
      scene.send([row], { slots: [{ slot: i + 1, droneId: `d${i}`, fleet, group: group(scene.nowS) }] });
    }
    scene.take(scene.pipeline.tick(scene.nowUs + 50_000));
  }
}

/** Where the drone of a slot is: 20 m from the next. */
const near = (slot: number) => {
  const fix = { latE7: 474_000_000, lonE7: 85_000_000 + slot * 2656, altMslMm: 500_000, hAccMm: 500, vAccMm: 500 };
  return { kind: "position", flags: FLYING, ...fix } as const;
};
const always = (name: string) => () => name;
const conflicts = (scene: Scene) =>
  scene.alerts.filter(({ kind, transition }) => kind === "conflict" && transition !== "remind")
    .map(({ transition, droneIds, atS }) => `${atS} ${transition} ${droneIds.join("|")}`).sort();

describe("drones of one declared formation", () => {
  it("are not warned of each other, and are of one that is not of it", () => {
    const scene = new Scene();
    fly(scene, [{ group: always("show") }, { group: always("show") }, { group: always("") }], 2);
    assertEquals(conflicts(scene), ["0 raise d0|d2", "0 raise d1|d2"]);
  });

  it("are of one fleet: another fleet's of that name is another one", () => {
    const scene = new Scene();
    fly(scene, [{ group: always("show") }, { fleet: "other", group: always("show") }], 1);
    assertEquals(conflicts(scene), ["0 raise d0|d1"]);
  });

  it("are warned again as one leaves, and no more as it comes back", () => {
    const scene = new Scene();
    const leaves = (s: number) => s >= 1 && s < 2 ? "" : "show";
    fly(scene, [{ group: always("show") }, { group: leaves }], 4);
    assertEquals(conflicts(scene), ["1 raise d0|d1", "2 resolve d0|d1"]);
  });

  it("are the same after a restart, and count in their windows once", () => {
    const before = new Scene();
    fly(before, [{ group: always("show") }, { group: (s) => s < 0.5 ? "" : "show" }], 3);
    const scene = new Scene();
    scene.pipeline.restore([...before.pipeline.snapshot()]);
    scene.nowS = before.nowS;
    fly(scene, [{ group: always("show") }, { group: always("show") }], 6);
    assertEquals(conflicts(scene), []);
    const windows = [...before.outputs, ...scene.outputs].flatMap((output) =>
      output.type === "tumbling" ? [output.window.dronesReporting] : []
    );
    assertGreater(windows.length, 3);
    assertEquals([...new Set(windows)], [2]);
  });

  it("are warned of each other again where they are in none, whatever they were in at another edge before a restart", () => {
    const before = new Scene();
    let seq = 0;
    const tell = (scene: Scene, edgeId: string, group?: string) => {
      scene.nowS = Math.round(scene.nowS * 10 + 1) / 10;
      const eventTimeUs = scene.nowUs - 5000;
      seq++;
      const rows = [1, 2].map((slot) => ({ ...near(slot), slot, seq, eventTimeUs }));
      const slots = group === undefined ? [] : [1, 2].map((slot) => ({ slot, droneId: `d${slot}`, group }));
      scene.send(rows, { edgeId, slots });
    };
    tell(before, "e1", "");
    for (let i = 0; i < 5; i++) tell(before, "e2", "show");
    assertEquals(conflicts(before), ["0.1 raise d1|d2", "0.2 resolve d1|d2"]);
    const scene = new Scene();
    scene.pipeline.restore([...before.pipeline.snapshot()]);
    scene.nowS = before.nowS;
    // Both edges know that these slots are known.
    tell(scene, "e2");
    tell(scene, "e1");
    tell(scene, "e2");
    tell(scene, "e2");
    assertEquals(conflicts(scene), ["0.8 raise d1|d2", "0.9 resolve d1|d2"]);
  });

  it("are what their present boots declare: what is left of older ones takes nobody in, and nobody out", () => {
    for (const [now, before] of [["", "show"], ["show", ""]] as const) {
      const scene = new Scene();
      const eventTimeUs = (s: number) => T0 + Math.round(s * 1e6) - 5000;
      const slots = [1, 2].map((slot) => ({ slot, droneId: `d${slot}`, bootId: 2, group: now }));
      for (let seq = 1; seq <= 50; seq++) {
        scene.nowS = 10 + seq / 10;
        const rows = [1, 2].map((slot) => ({ ...near(slot), slot, seq, eventTimeUs: eventTimeUs(scene.nowS) }));
        scene.send(rows, { slots: seq === 1 ? slots : [] });
        if (seq !== 20) continue;
        const rest = [1, 2].map((slot) => ({ ...near(slot), slot: slot + 2, seq: 900, eventTimeUs: eventTimeUs(1) }));
        const older = [1, 2].map((slot) => ({ slot: slot + 2, droneId: `d${slot}`, bootId: 1, group: before }));
        scene.send(rest, { edgeId: "e2", slots: older, sealedUs: eventTimeUs(1.1) });
      }
      assertEquals(conflicts(scene), now === "" ? ["10.1 raise d1|d2"] : [], `now in ${JSON.stringify(now)}`);
    }
  });
});
