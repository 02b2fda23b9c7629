import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FLYING, S, Scene, straight } from "./scene.ts";

const MEET_S = 40;
const hare = straight({ fromS: MEET_S, northM: -1, vnMps: 10 });
const hound = straight({ fromS: MEET_S, northM: 1, vnMps: -10 });

function pair(also: (scene: Scene, s: number) => void) {
  const scene = new Scene([
    { droneId: "hare", slot: 1, bootId: 2, at: hare },
    { droneId: "hound", slot: 2, at: hound },
  ]);
  scene.flyTo(MEET_S, (s) => also(scene, s));
  return scene;
}

function criticalS(scene: Scene): number {
  return scene.raised("conflict").find(([, severity]) => severity === "critical")?.[0] ?? NaN;
}

const control = criticalS(pair(() => {}));
const LANDED = 0;

describe("a flying drone", () => {
  it("does not vanish from the airspace when one late record of an older boot arrives, heard before or not", () => {
    for (const agoS of [60, 3600, 1]) {
      const scene = pair((scene, s) => {
        if (s !== 20) return;
        const eventTimeUs = scene.nowUs - agoS * S;
        const old = { slot: 9, seq: 77, eventTimeUs, flags: LANDED, kind: "battery" as const };
        scene.send([old], { slots: [{ slot: 9, droneId: "hare", bootId: 1 }] });
      });
      assertLess(Math.abs(criticalS(scene) - control), 0.3, `${agoS} s ago`);
      assertEquals(scene.pipeline.drone("hare")?.bootId, 2);
    }
  });

  it("keeps its own flags when a late record of an older boot says that it has landed, whose numbers had come far", () => {
    for (const kind of ["position", "battery"] as const) {
      const scene = pair((scene, s) => {
        if (s !== 20) return;
        const old = { kind, slot: 9, seq: 100_000, eventTimeUs: scene.nowUs - 60 * S, flags: LANDED };
        scene.send([old], { slots: [{ slot: 9, droneId: "hare", bootId: 1 }] });
        assertEquals(scene.pipeline.drone("hare")?.flags, FLYING, kind);
      });
      assertLess(Math.abs(criticalS(scene) - control), 0.3, kind);
    }
  });

  it("does not vanish when an older boot comes back that was forgotten among many", () => {
    const boots = [11, 12, 13, 14, 15, 16];
    const scene = pair((scene, s) => {
      const i = Math.round((s - 10) * 10);
      const bootId = boots[i];
      if (bootId === undefined) return;
      const slots = [{ slot: 20 + i, droneId: "hare", bootId }];
      const eventTimeUs = scene.nowUs - 300 * S;
      scene.send([{ slot: 20 + i, seq: 1, eventTimeUs, flags: LANDED, kind: "battery" }], { slots });
    });
    assertLess(Math.abs(criticalS(scene) - control), 0.3);
  });

  it("does not vanish while an edge delivers what it kept of an older boot for a minute", () => {
    const scene = pair((scene, s) => {
      if (s < 15 || s > 35) return;
      const sealedUs = scene.nowUs - 60 * S;
      const seq = Math.round(s * 10);
      const old = { slot: 9, seq, eventTimeUs: sealedUs, flags: LANDED, kind: "battery" as const };
      const slots = [{ slot: 9, droneId: "hare", bootId: 1 }];
      // Live batches of other drones leave the edge as well.
      scene.send([], { edgeId: "e2", sealedUs: scene.nowUs });
      scene.send([old], { slots, edgeId: "e2", sealedUs });
    });
    assertLess(Math.abs(criticalS(scene) - control), 0.3);
    assertEquals(scene.raised("identity-clash"), []);
  });

  it("is followed within a second when one frame under a newer boot had taken its place", () => {
    const scene = pair((scene, s) => {
      if (s !== 10) return;
      const forged = { slot: 9, seq: 1, eventTimeUs: scene.nowUs + S, flags: LANDED, kind: "battery" as const };
      scene.send([forged], { slots: [{ slot: 9, droneId: "hare", bootId: 99 }] });
    });
    assertLess(Math.abs(criticalS(scene) - control), 0.3);
    assertEquals(scene.pipeline.drone("hare")?.bootId, 2);
    assertEquals(scene.raised("identity-clash"), []);
  });

  it("is followed at once through a reboot, and what its last boot left behind changes nothing", () => {
    const scene = new Scene([
      { droneId: "hare", slot: 1, bootId: 1, at: (s) => s < 20 ? hare(s) : null, seq: 400 },
      { droneId: "hare", slot: 3, bootId: 2, at: (s) => s < 20.5 ? null : hare(s) },
      { droneId: "hound", slot: 2, at: hound },
    ]);
    scene.flyTo(MEET_S, (s) => {
      if (s < 20.5 || s > 21) return;
      const left = { slot: 1, seq: 900 + Math.round(s * 10), eventTimeUs: scene.nowUs - S, flags: LANDED };
      scene.send([{ ...left, kind: "battery" }]);
    });
    assertLess(Math.abs(criticalS(scene) - control), 0.3);
    assertEquals(scene.pipeline.drone("hare")?.bootId, 2);
    assertEquals(scene.raised("identity-clash"), []);
    assertEquals(scene.pipeline.drone("hare")?.flags, FLYING);
  });

  it("is not taken for two while its client sends what the last boot left behind, for as long as it takes", () => {
    const scene = new Scene([
      { droneId: "hare", slot: 1, bootId: 1, at: (s) => s < 10 ? hare(s) : null },
      { droneId: "hare", slot: 3, bootId: 2, at: (s) => s < 12 ? null : hare(s) },
      { droneId: "hound", slot: 2, at: hound },
    ]);
    scene.flyTo(MEET_S, (s) => {
      if (s < 13) return;
      const seq = 200 + Math.round(s * 10);
      const left = { slot: 1, seq, eventTimeUs: scene.nowUs - Math.round((s - 12) * 1.05 * S) - 3 * S, flags: LANDED };
      scene.send([{ ...left, kind: "battery" }]);
    });
    assertEquals(scene.raised("identity-clash"), []);
    assertEquals(scene.pipeline.fleet().drones, 2);
    assertLess(Math.abs(criticalS(scene) - control), 0.3);
  });

  it("is not in conflict with itself after a reboot under the same boot id that numbers its records anew", () => {
    const scene = new Scene([
      { droneId: "hare", slot: 1, at: (s) => s < 15 ? hare(s) : null },
      { droneId: "hare", slot: 3, at: (s) => s < 17 ? null : hare(s), clockS: () => 0.000_037 },
    ]);
    scene.flyTo(30);
    assertEquals(scene.raised("conflict"), []);
    assertEquals(scene.pipeline.fleet().airspace.tracks, 1);
    assertEquals(scene.raised("link-loss"), []);
  });

  it("is followed half a second after a reboot that set its clock back", () => {
    const scene = new Scene([
      { droneId: "hare", slot: 1, bootId: 1, at: (s) => s < 20 ? hare(s) : null, seq: 400 },
      { droneId: "hare", slot: 3, bootId: 2, at: (s) => s < 21 ? null : hare(s), clockS: () => -300 },
    ]);
    scene.flyTo(21.7);
    assertEquals(scene.pipeline.drone("hare")?.bootId, 2);
  });
});
