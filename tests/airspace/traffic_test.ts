import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Sky, told } from "./sky.ts";

const AIRCRAFT = "adsb:4ca123";

describe("traffic in the airspace", () => {
  it("conflicts with a drone, which alone is concerned, and is what its alert is about", () => {
    const sky = new Sky();
    sky.tell("d", {});
    const [alert] = sky.hear(AIRCRAFT, { eastM: 2000, east: -60, silenceS: 10 });
    assertEquals([alert?.kind, alert?.droneIds, alert?.detail], ["conflict", ["d"], AIRCRAFT]);
    assertEquals(alert?.conflict?.partners.map(({ id, crewed }) => [id, crewed]), [[AIRCRAFT, true], ["d", false]]);
    assert(alert?.message.includes(AIRCRAFT), alert?.message);
    assertEquals(sky.alerts.openDrones(), ["d"]);
  });

  it("is found whichever of the two is heard last, wherever their names stand in the alphabet", () => {
    for (const droneId of ["a", "z"]) {
      const sky = new Sky();
      sky.hear(AIRCRAFT, { eastM: 2000, east: -60, silenceS: 10 });
      const [alert] = sky.tell(droneId, { eastM: 900, east: 10 });
      assertEquals([alert?.droneIds, alert?.detail], [[droneId], AIRCRAFT]);
    }
  });

  it("that is crewed is to be well clear of, and other traffic as a drone is", () => {
    const [crewed, unmanned] = [new Sky(), new Sky()];
    for (const sky of [crewed, unmanned]) sky.tell("d", {});
    assertEquals(told(crewed.hear(AIRCRAFT, { northM: 500, silenceS: 10 })), ["raise critical d"]);
    assertEquals(unmanned.hear("rid:0a", { northM: 500 }, { crewed: false }), []);
    assertEquals(told(unmanned.hear("rid:0b", { northM: 20 }, { crewed: false })), ["raise critical d"]);
  });

  it("conflicts with nothing of its kind, and is no crowd", () => {
    const sky = new Sky();
    for (let i = 0; i < 20; i++) assertEquals(sky.hear(`rid:${i}`, { eastM: i }, { crewed: i % 2 === 0 }), []);
    assertEquals(sky.tick(), []);
    assertEquals(sky.airspace.view.conflicts, 0);
  });

  it("is another one than a drone that is called so", () => {
    const sky = new Sky();
    sky.tell(AIRCRAFT, {});
    const [alert] = sky.hear(AIRCRAFT, { eastM: 100 });
    assertEquals([alert?.droneIds, alert?.detail], [[AIRCRAFT], AIRCRAFT]);
    assertEquals([sky.airspace.view.tracks, sky.airspace.view.conflicts], [1, 1]);
    assertEquals(told(sky.land(AIRCRAFT)), [`resolve critical ${AIRCRAFT}`]);
    assertEquals(sky.airspace.save().tracks.ids.filter((id) => id !== null), [AIRCRAFT]);
  });

  it("is neither a drone nor a ghost of the fleet's, also after a restart", () => {
    const sky = new Sky();
    sky.tell("d", {});
    sky.hear(AIRCRAFT, { eastM: 300 });
    const other = sky.newAirspace();
    other.restore(structuredClone(sky.airspace.save()));
    sky.airspace = other;
    sky.at(20).tell("d", {});
    sky.tick();
    const { tracks, ghosts, conflicts } = other.view;
    assertEquals([tracks, ghosts, conflicts, other.ghosts(sky.nowUs).size], [1, 0, 1, 0]);
    sky.at(70).tell("d", {});
    assertEquals(told(sky.tick()).filter((what) => what.startsWith("resolve")), ["resolve warning d"]);
    assertEquals(other.save().tracks.ids.filter((id) => id !== null), ["d"]);
  });

  it("never keeps a drone's conflicts with other drones from being told, however much of it there is", () => {
    const sky = new Sky({ settings: { pairsOfDroneMax: 4 } });
    sky.tell("d", {});
    for (let i = 0; i < 200; i++) sky.hear(`rid:${i}`, { eastM: i / 10 }, { crewed: false });
    assertEquals(sky.airspace.view.conflicts, sky.settings.trafficPairsOfDroneMax);
    assertEquals(told(sky.tell("e", { northM: 10 })).filter((what) => what.endsWith("d|e")), ["raise critical d|e"]);
  });

  it("is of a bounded number", () => {
    const sky = new Sky({ settings: { trafficMax: 3 } });
    for (let i = 0; i < 5; i++) sky.hear(`rid:${i}`, { eastM: 1000 * i });
    assertEquals([sky.airspace.save().tracks.ids.length, sky.airspace.view.dronesNotTracked], [3, 2]);
  });

  it("warns all that are in its way: how many it comes near does not matter", () => {
    const sky = new Sky();
    const drones = Array.from({ length: 60 }, (_, i) => `d${i}`);
    for (const [i, droneId] of drones.entries()) sky.tell(droneId, { northM: 100 * (i % 8), eastM: 100 * (i >> 3) });
    for (let i = 0; i < 8; i++) sky.at(i * 0.5).hear(AIRCRAFT, { eastM: 350, northM: 350, silenceS: 10 });
    const warned = new Set(sky.alerts.open().flatMap(({ droneIds }) => droneIds));
    assertEquals(warned.size, 60);
  });
});
