import { assert, assertEquals, assertGreater, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Output, SlidingWindow, TumblingWindow } from "../../aggregator/outputs.ts";
import { findDeep } from "./deep.ts";
import { type DroneInit, FLYING, S, Scene, straight, T0 } from "./scene.ts";

const NAME = "drone:0123456789";
const GONE = "drone-gone";
/** Metres north of the others: its places have a latitude that nobody else's has. */
const FAR_M = 3000;

const drone = (droneId: string, slot: number, at: DroneInit["at"]): DroneInit => ({ droneId, slot, at });
const still = (northM: number) => straight({ northM });

function erase(scene: Scene, droneId = GONE): Output[] {
  return scene.take(scene.pipeline.erase({ droneId, name: NAME, nowUs: scene.nowUs }));
}

function erased(outputs: Output[]): string[][] {
  return outputs.flatMap((output) => output.type === "erased" ? [output.erased.droneIds] : []);
}

/** What the pipeline still holds of it: its id, or a latitude of its own, in either unit. */
function remains({ pipeline }: Scene): string[] {
  const [fromE7, toE7] = [474_200_000, 474_400_000];
  return findDeep([...pipeline.snapshot()], (value) => {
    if (typeof value === "string") return value.includes(GONE);
    return value >= fromE7 && value <= toE7 || value >= fromE7 / 1e7 && value <= toE7 / 1e7;
  });
}

/** Flies on until everything is forgotten. */
function flyUntilErased(scene: Scene): void {
  for (let tries = 0; erased(scene.outputs).length === 0 && tries < 1000; tries++) scene.flyTo(scene.nowS + 0.1);
}

describe("a drone that is erased", () => {
  it("leaves neither its id nor its places in the state, of a second as of a minute ago", () => {
    let isThere = true;
    const scene = new Scene([
      drone("drone-kept", 1, still(0)),
      drone(GONE, 2, (s) => isThere ? still(FAR_M)(s) : null),
    ]);
    scene.flyTo(60);
    assertGreater(remains(scene).length, 100, "it is looked for where it is");
    const packed = [...scene.pipeline.snapshot()].flatMap((piece) => piece.type === "past" ? piece.seconds : []);
    assertGreater(packed.length, 20, "most of it is frozen");
    isThere = false;
    erase(scene);
    flyUntilErased(scene);
    assertEquals(remains(scene), []);
    assertEquals(scene.pipeline.drone(GONE), undefined);
    assertEquals(erased(scene.outputs)[0]?.[0], GONE);
  });

  it("is told to be erased only when what is frozen has forgotten it too", () => {
    const scene = new Scene([drone("drone-kept", 1, still(0)), drone(GONE, 2, still(FAR_M))]);
    scene.flyTo(60);
    assertEquals(erased(erase(scene)), []);
    const few = new Scene([drone(GONE, 2, still(FAR_M))]);
    few.flyTo(3);
    assertEquals(erased(erase(few)).length, 1, "nothing is frozen yet");
  });

  it("goes on to be forgotten after a restart half way", () => {
    const scene = new Scene([drone("drone-kept", 1, still(0)), drone(GONE, 2, (s) => s < 60 ? still(FAR_M)(s) : null)]);
    scene.flyTo(60);
    erase(scene);
    const later = new Scene([]);
    later.pipeline.restore(structuredClone([...scene.pipeline.snapshot()]));
    later.nowS = scene.nowS;
    flyUntilErased(later);
    assertEquals(erased(later.outputs)[0]?.[0], GONE);
    assertEquals(remains(later), []);
  });

  it("stays counted in windows that were there before, wherever it was", () => {
    const late = (scene: Scene) => {
      const eventTimeUs = T0 + 30.5 * S;
      const [slots, base] = [[{ slot: 9, droneId: "drone-late" }], { slot: 9, eventTimeUs, flags: FLYING }];
      scene.send([{ kind: "position", seq: 1, latE7: 474_000_000, lonE7: 85_000_000, ...base }], { slots });
      scene.flyTo(scene.nowS + 3);
    };
    const latest = (scene: Scene) =>
      scene.outputs.flatMap((output) => output.type === "tumbling" ? [output.window] : [])
        .filter(({ startUs, zone }) => startUs === T0 + 30 * S && zone === "*").at(-1) as TumblingWindow;
    const scene = new Scene([drone("drone-kept", 1, still(0)), drone(GONE, 2, (s) => s < 60 ? still(FAR_M)(s) : null)]);
    scene.flyTo(60);
    const before = latest(scene);
    erase(scene);
    late(scene);
    const after = latest(scene);
    assertEquals([before.dronesReporting, after.dronesReporting, after.revision], [2, 3, before.revision + 1]);
    assertEquals(after.records.position, before.records.position + 1);
    assertEquals(after.density.reduce((sum, { drones }) => sum + drones, 0), 2, "it is in no place");
  });

  it("is no longer named as the one whose sensor drifts most, in what windows still have to say", () => {
    const jumps: DroneInit["at"] = (s) => s < 30 ? { northM: FAR_M + (Math.round(s * 10) % 2) * 2, eastM: 0 } : null;
    const scene = new Scene([drone("drone-kept", 1, still(0)), drone(GONE, 2, jumps)], {
      allowedLatenessUs: 60 * S,
    });
    scene.flyTo(55);
    const worst = (outputs: Output[]) =>
      outputs.flatMap((output) => output.type === "sliding" ? [output.window] : [])
        .map(({ drift }: SlidingWindow) => drift?.worstDroneId);
    assertGreater(worst(scene.outputs).filter((id) => id === GONE).length, 10);
    erase(scene);
    flyUntilErased(scene);
    const from = scene.outputs.length;
    scene.flyTo(100);
    const told = worst(scene.outputs.slice(from));
    assertGreater(told.filter((id) => id === NAME).length, 10);
    assertEquals(told.filter((id) => id === GONE), []);
  });

  it("ends its alerts, and its partner's conflict with it", () => {
    const scene = new Scene([
      drone("drone-a", 1, straight({ vnMps: 10 })),
      drone(GONE, 2, (s) => s < 3 ? straight({ northM: 200, vnMps: -10 })(s) : null),
    ]);
    scene.flyTo(3);
    assertEquals(scene.pipeline.openAlerts().map(({ kind }) => kind), ["conflict"]);
    erase(scene);
    assertEquals(scene.pipeline.openAlerts(), []);
    assertEquals(scene.alerts.at(-1)?.transition, "resolve");
    assertEquals(scene.pipeline.openAlertDrones(), []);
    scene.flyTo(20);
    assertEquals(scene.alerts.at(-1)?.transition, "resolve", "nobody misses it");
  });

  it("leaves the crowd that it was in to the others", () => {
    const crowd = Array.from({ length: 40 }, (_, i) => drone(i === 7 ? GONE : `drone-${i}`, i + 1, still(i)));
    const scene = new Scene(crowd);
    scene.flyTo(3);
    const open = () => scene.pipeline.openAlerts().filter(({ kind }) => kind === "crowd");
    assert(open()[0]!.droneIds.includes(GONE), "it is named in it");
    const names = open()[0]!.droneIds.length;
    erase(scene);
    assertEquals(open().map(({ droneIds }) => [droneIds.length, droneIds.includes(GONE)]), [[names - 1, false]]);
    assert(!scene.pipeline.openAlertDrones().includes(GONE));
    scene.pipeline.tick(scene.nowUs + 2 * S);
    assertEquals(open().map(({ droneIds }) => droneIds.includes(GONE)), [false], "nor does the next review name it");
  });

  it("takes those with it that used its id, and nobody who is called so", () => {
    const scene = new Scene([drone(GONE, 1, still(0)), drone(`${GONE}~3`, 2, still(500))]);
    scene.flyTo(1);
    for (const bootId of [1, 5]) {
      for (let seq = 1; seq < 40; seq++) {
        const eventTimeUs = scene.nowUs + seq * 1000 * bootId;
        const row = { kind: "position" as const, slot: 10 + bootId, seq, eventTimeUs, flags: FLYING };
        scene.send([row], { slots: [{ slot: 10 + bootId, droneId: GONE, bootId }], edgeId: `e${bootId}` });
      }
    }
    erase(scene);
    scene.flyTo(scene.nowS);
    const ids = erased(scene.outputs)[0]!;
    assert(ids.includes(`${GONE}~2`) && !ids.includes(`${GONE}~3`), ids.join());
    assertEquals(Array.from(scene.pipeline.drones(), ({ droneId }) => droneId), [`${GONE}~3`]);
  });

  it("is a new drone when it sends again: its slots are asked for, and nothing is a duplicate", () => {
    const scene = new Scene([drone(GONE, 2, still(0))]);
    scene.flyTo(3);
    erase(scene);
    const { duplicate } = scene.pipeline.fleet().records;
    scene.send([{ kind: "position", slot: 2, seq: 1, eventTimeUs: scene.nowUs, flags: FLYING }]);
    assertEquals(scene.pipeline.fleet().batches.unknownSlot, 1);
    scene.send([{ kind: "position", slot: 2, seq: 1, eventTimeUs: scene.nowUs, flags: FLYING }], {
      slots: [{ slot: 2, droneId: GONE }],
    });
    assertEquals(scene.pipeline.drone(GONE)?.records, 1);
    assertEquals(scene.pipeline.fleet().records.duplicate, duplicate);
  });

  it("ends the snapshot that is being read: it would hold the drone", () => {
    const scene = new Scene([drone(GONE, 2, still(0))]);
    scene.flyTo(1);
    const snapshot = scene.pipeline.snapshot();
    snapshot.next();
    erase(scene);
    assertThrows(() => [...snapshot], Error, "Cannot read a snapshot on");
  });

  it("says that an unknown one is erased as well: the sinks may know it", () => {
    const scene = new Scene();
    assertEquals(erased(erase(scene, "drone-nobody"))[0]?.[0], "drone-nobody");
  });
});

describe("a drone that nobody has heard for too long", () => {
  it("is forgotten, with its slots and its alerts, when its time has come", () => {
    const droneKeptUs = 60 * S;
    const scene = new Scene([
      drone("drone-kept", 1, still(0)),
      drone(GONE, 2, (s) => s < 5 ? still(FAR_M)(s) : null),
    ], { droneKeptUs, allowedLatenessUs: 30 * S });
    scene.flyTo(63);
    assert(scene.pipeline.drone(GONE));
    scene.flyTo(120);
    assertEquals(scene.pipeline.drone(GONE), undefined);
    assert(scene.pipeline.drone("drone-kept"));
    assertEquals(scene.pipeline.openAlerts().filter(({ droneIds }) => droneIds.includes(GONE)), []);
    scene.send([{ kind: "position", slot: 2, seq: 99, eventTimeUs: scene.nowUs, flags: FLYING }]);
    assertEquals(scene.pipeline.fleet().batches.unknownSlot, 1);
  });
});
