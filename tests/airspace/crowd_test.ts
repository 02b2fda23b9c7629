import { assert, assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { AlertEvent } from "../../aggregator/outputs.ts";
import { Crowds } from "../../aggregator/airspace/crowds.ts";
import { writeReach } from "../../aggregator/airspace/reach.ts";
import { Search } from "../../aggregator/airspace/search.ts";
import { ROW_WORDS, Word } from "../../aggregator/airspace/track_rows.ts";
import { Tracks } from "../../aggregator/airspace/tracks.ts";
import { Random } from "../../sim/random.ts";
import { type Place, Sky, told } from "./sky.ts";

const STEP_S = 0.1;

type Path = (s: number) => Place;

/** Drones in the air from one time to another, told of ten times a second each; what happened, and when. */
function fly(sky: Sky, drones: [id: string, path: Path][], { fromS = 0, untilS }: { fromS?: number; untilS: number }) {
  const events: (AlertEvent & { atS: number })[] = [];
  for (let i = 0; fromS + i * STEP_S < untilS - 1e-9; i++) {
    const atS = fromS + i * STEP_S;
    sky.at(atS);
    const happened = drones.flatMap(([id, path]) => sky.tell(id, path(atS)));
    events.push(...[...happened, ...sky.tick()].map((event) => ({ ...event, atS })));
  }
  return events;
}

/** Side by side in rows, all at one altitude. */
function square(count: number, { apartM = 20, formation = "" } = {}): [id: string, path: Path][] {
  const columns = Math.ceil(Math.sqrt(count));
  return Array.from({ length: count }, (_, i) => {
    const place = { eastM: (i % columns) * apartM, northM: Math.floor(i / columns) * apartM, formation };
    return [`d-${String(i).padStart(4, "0")}`, () => place];
  });
}

const open = (sky: Sky, kind: AlertEvent["kind"]) => sky.alerts.open().filter((alert) => alert.kind === kind);

describe("a crowd that nobody has declared", () => {
  it("is one alert, and no pair of it is left in another three seconds later", () => {
    const sky = new Sky();
    const events = fly(sky, square(100), { untilS: 4 });
    assertEquals(events.filter(({ kind, transition }) => kind === "crowd" && transition === "raise").length, 1);
    assertEquals([open(sky, "crowd").length, open(sky, "conflict").length], [1, 0]);
    const [alert] = open(sky, "crowd");
    assertEquals([alert?.severity, alert?.droneIds.length, alert?.crowd?.drones], ["critical", 16, 100]);
    assert(Math.abs(alert!.crowd!.radiusCm - 12_728) < 50, `${alert?.crowd?.radiusCm}`);
    assert(Math.abs(alert!.crowd!.latE7 - 474_008_100) < 100, `${alert?.crowd?.latE7}`);
    assertEquals(sky.airspace.view.crowds, 1);
  });

  it("is told of once, and reminded of at the pace of a conflict", () => {
    const sky = new Sky();
    const events = fly(sky, square(49), { untilS: 21 }).filter(({ kind }) => kind === "crowd");
    assertEquals(events.map(({ transition, atS }) => [transition, Math.round(atS)]), [
      ["raise", 0],
      ["remind", 5],
      ["remind", 10],
      ["remind", 15],
      ["remind", 20],
    ]);
  });

  it("warns where nobody is within the volume of level 2, and more when somebody is", () => {
    const sky = new Sky();
    const near: Path = (s) => ({ eastM: 60, northM: s < 8 ? -40 : -10 });
    const drones = [...square(49, { apartM: 30 }), ["near", near] as [string, Path]];
    const events = fly(sky, drones, { untilS: 12 }).filter(({ kind, transition }) =>
      kind === "crowd" && transition !== "remind"
    );
    assertEquals(events.map(({ transition, severity }) => `${transition} ${severity}`), [
      "raise warning",
      "escalate critical",
    ]);
  });

  it("leaves it to the two of it on a collision course to be warned of each other", () => {
    const sky = new Sky();
    // Over the crowd's own altitude, so that nobody else is near their way.
    const a: Path = (s) => ({ eastM: 0, northM: s < 5 ? 60 : 60 + 8 * (s - 5), upM: 112, north: s < 5 ? 0 : 8 });
    const b: Path = () => ({ eastM: 0, northM: 140, upM: 112 });
    const drones = [...square(64), ["x-a", a], ["x-b", b]] as [string, Path][];
    const events = fly(sky, drones, { untilS: 12 }).filter(({ kind, atS }) => kind === "conflict" && atS > 4.9);
    const raised = events.filter(({ transition, droneIds }) => transition === "raise" && droneIds.join() === "x-a,x-b");
    assertEquals(raised.map(({ severity }) => severity), ["critical"]);
    assert(raised[0]!.atS < 5.3, `5 s after the start, at once: ${raised[0]?.atS}`);
  });

  it("warns of somebody from outside as of any other, before he is there", () => {
    const sky = new Sky();
    const intruder: Path = (s) => ({ eastM: 400 - 8 * s, northM: 60, east: -8 });
    const crowd = square(49);
    fly(sky, crowd, { untilS: 4 });
    const events = fly(sky, [...crowd, ["intruder", intruder]], { fromS: 4, untilS: 30 });
    const own = events.filter(({ kind, transition, droneIds }) =>
      kind === "conflict" && transition === "raise" && droneIds.includes("intruder")
    );
    assertGreater(own.length, 3);
    assert(own[0]!.atS < 8, `368 m away at 8 m/s: ${own[0]?.atS} s`);
    assertGreater(own.filter(({ droneIds }) => droneIds.includes("intruder")).length, own.length - 1);
  });

  it("is over seconds after it has parted, and not before", () => {
    const sky = new Sky();
    const drones = square(36).map(([id, path], i): [string, Path] => {
      const place = path(0);
      const away = 14 * (i % 6) - 35;
      const mps = away + (Math.floor(i / 6) - 2.5) / 10;
      return [
        id,
        (s) => ({
          ...place,
          eastM: place.eastM! + (s < 10 ? 0 : mps * (s - 10)),
          east: s < 10 ? 0 : mps,
          upM: 100 + 40 * Math.floor(i / 6) * (s < 10 ? 0 : 1),
        }),
      ];
    });
    const events = fly(sky, drones, { untilS: 30 }).filter(({ kind }) => kind === "crowd");
    const [over] = events.filter(({ transition }) => transition === "resolve");
    assert(over && over.atS > 12 && over.atS < 20, `${over?.atS}`);
    assertEquals(sky.airspace.view.crowds, 0);
  });

  it("is no crowd while each has six others beside it at most: those are told of one by one", () => {
    const sky = new Sky();
    fly(sky, square(7, { apartM: 12 }), { untilS: 1 });
    assertEquals([open(sky, "crowd").length, open(sky, "conflict").length], [0, 21]);
  });

  it("becomes one with another that it touches", () => {
    const sky = new Sky();
    const other = square(25).map(([id, path]): [string, Path] => [`e${id}`, (s) => {
      const place = path(s);
      return { ...place, eastM: place.eastM! + 100 + Math.max(10, 250 - 3 * s), east: s < 80 ? -3 : 0 };
    }]);
    const events = fly(sky, [...square(25), ...other], { untilS: 100 }).filter(({ kind }) => kind === "crowd");
    const changes = events.filter(({ transition }) => transition === "raise" || transition === "resolve");
    assertEquals(changes.map(({ transition }) => transition), ["raise", "raise", "resolve"]);
    assertEquals(open(sky, "crowd").map(({ crowd }) => crowd?.drones), [50]);
  });

  it("goes on as it would have after a restart in the middle of it", () => {
    const [one, other] = [new Sky(), new Sky()];
    const random = new Random(3);
    const drones = square(49).map(([id, path]): [string, Path] => {
      const [phase, reachM] = [random.between(0, 6), random.between(0, 20)];
      return [id, (s) => ({ ...path(s), northM: path(s).northM! + reachM * Math.sin(s / 4 + phase) })];
    });
    for (const sky of [one, other]) fly(sky, drones, { untilS: 6.3 });
    const restarted = other.newAirspace();
    restarted.restore(structuredClone(other.airspace.save()));
    other.airspace = restarted;
    const [expected, events] = [one, other].map((sky) => fly(sky, drones, { fromS: 6.3, untilS: 16 }));
    assertGreater(expected!.length, 1);
    assertEquals(events, expected);
    assertEquals(other.airspace.save(), one.airspace.save());
  });
});

describe("a declared formation", () => {
  const show = (count: number) => square(count, { formation: "show" });

  it("conflicts with nobody of its own, however many and near", () => {
    assertEquals(fly(new Sky(), show(100), { untilS: 3 }), []);
  });

  it("conflicts with all others, one of another formation among them", () => {
    for (const formation of ["", "other"]) {
      const sky = new Sky();
      const events = fly(sky, [...show(36), ["intruder", () => ({ eastM: -20, northM: -20, formation })]], {
        untilS: 1,
      });
      const raised = events.filter(({ transition }) => transition === "raise");
      assert(raised.every(({ kind, droneIds }) => kind === "conflict" && droneIds.includes("intruder")));
      assertEquals(raised.length, 3, "28, 45 and 45 m away");
    }
  });

  it("is no crowd around one that flies in the middle of it: he is warned of each", () => {
    const sky = new Sky();
    const middle: [string, Path] = ["intruder", () => ({ eastM: 50, northM: 50 })];
    fly(sky, [...show(36), middle], { untilS: 3 });
    assertEquals(open(sky, "crowd"), []);
    assertGreater(open(sky, "conflict").length, 8);
  });

  it("takes in a drone that joins: its conflicts with the others end at once, and begin at once when it leaves", () => {
    const sky = new Sky();
    fly(sky, [...show(4), ["late", () => ({ eastM: -20 })]], { untilS: 1 });
    const before = open(sky, "conflict").length;
    assertEquals(before, 4);
    const joined = told(sky.at(1).tell("late", { eastM: -20, formation: "show" }));
    assertEquals(joined.map((change) => change.split(" ")[0]), ["resolve", "resolve", "resolve", "resolve"]);
    assertEquals(sky.at(1.1).tell("late", { eastM: -20, formation: "show" }), []);
    const left = told(sky.at(1.2).tell("late", { eastM: -20 }));
    assertEquals(left.map((change) => change.split(" ")[0]), ["raise", "raise", "raise", "raise"]);
  });

  it("is known after a restart, and forgotten with its last drone", () => {
    const sky = new Sky();
    fly(sky, show(4), { untilS: 0.2 });
    const restarted = sky.newAirspace();
    restarted.restore(structuredClone(sky.airspace.save()));
    sky.airspace = restarted;
    assertEquals(
      fly(sky, [...show(4), ["fifth", () => ({ eastM: -10, formation: "show" })]], { fromS: 0.2, untilS: 1 }),
      [],
    );
    for (const id of ["d-0000", "d-0001", "d-0002", "d-0003", "fifth"]) sky.land(id);
    assertEquals(sky.airspace.save().tracks.formations.formations, []);
  });
});

describe("Crowds", () => {
  it("are one as soon as two of them touch, with all that are in either", () => {
    const crowds = new Crowds({ crowdPairs: 6, crowdReviewUs: 1e6 });
    const rows = new Float64Array(20 * ROW_WORDS);
    const gather = (...tracks: number[]) => crowds.gather(rows, tracks, { level: 1, nowUs: 0 });
    gather(1, 2, 3);
    gather(11, 12, 13);
    assertEquals([crowds.together(rows, 1, 3), crowds.together(rows, 1, 11), crowds.together(rows, 1, 7)], [
      true,
      false,
      false,
    ]);
    gather(3, 11);
    assertEquals([crowds.together(rows, 1, 13), crowds.together(rows, 13, 2)], [true, true]);
    const members = crowds.review(rows, { tracks: () => Array.from({ length: 20 }, (_, track) => track), nowUs: 0 })!;
    assertEquals([...members.values()], [[1, 2, 3, 11, 12, 13], []]);
    assertEquals([crowds.together(rows, 1, 13), crowds.size], [true, 1]);
  });
});

describe("Search", () => {
  it("returns about as many as are tested, the nearest each time, and each of the others within a bounded number of turns", () => {
    const sky = new Sky();
    const tracks = new Tracks(400);
    for (let i = 0; i < 400; i++) {
      const track = tracks.add(`d${i}`)!;
      tracks.write(track, {
        fix: sky.fix({ eastM: i < 4 ? i : 100 + (i % 20), northM: Math.floor(i / 20) }),
        accuracy: sky.settings,
      });
      writeReach(tracks.rows, track, { settings: { ...sky.settings, stagedWarningM: 0 }, grownM: 0 });
      tracks.rows[track * ROW_WORDS + Word.reach] = 100;
      tracks.place(track);
    }
    const search = new Search(32);
    const times = new Map<number, number>();
    for (let turn = 0; turn < 32; turn++) {
      const count = search.around(0, tracks, []);
      assert(count < 64, `${count}`);
      for (const track of search.tracks.subarray(0, count)) times.set(track, (times.get(track) ?? 0) + 1);
    }
    assertEquals([times.size, times.has(0)], [399, false]);
    assertEquals([1, 2, 3].map((track) => times.get(track)), [32, 32, 32]);
  });
});

describe("the conflicts of one drone", () => {
  it("are the worst and the soonest, where there is no room for all", () => {
    const first = (...others: [id: string, place: Place][]) => {
      const sky = new Sky({ settings: { pairsOfDroneMax: 1 } });
      for (const [id, place] of others) assertEquals(sky.tell(id, place), []);
      return sky.tell("me", {}).map(({ droneIds }) => droneIds.find((id) => id !== "me"));
    };
    assertEquals(first(["late", { eastM: 250, east: -10, upM: 86 }], ["soon", { eastM: -150, east: 10, upM: 114 }]), [
      "soon",
    ]);
    assertEquals(first(["near", { eastM: 45, upM: 86 }], ["worse", { eastM: -80, east: 10, upM: 109 }]), ["worse"]);
  });

  it("leave room for critical ones, and the soonest of these are told of", () => {
    const sky = new Sky({ settings: { pairsOfDroneMax: 8, crowdPairs: 100 } });
    for (let i = 0; i < 20; i++) {
      sky.tell(`w${String(i).padStart(2, "0")}`, { northM: 300 + 10 * i, upM: 100 + 40 * i, north: -10 });
    }
    const many = Array.from({ length: 20 }, (_, i): [string, Path] => {
      const angle = i / 20 * 2 * Math.PI;
      return [`far-${i}`, () => ({ eastM: 45 * Math.sin(angle), northM: 45 * Math.cos(angle) })];
    });
    fly(sky, [...many, ["middle", () => ({})]], { untilS: 0.3 });
    const of = (id: string) => open(sky, "conflict").filter(({ droneIds }) => droneIds.includes(id));
    assertEquals(of("middle").length <= 6, true);
    for (const [i, mps] of [4, 6, 8].entries()) {
      sky.tell(`fast-${i}`, { eastM: 60, upM: 100 + i, east: -mps });
    }
    sky.at(0.4).tell("middle", {});
    assertEquals(of("middle").filter(({ severity }) => severity === "critical").length <= 8, true);
    assert(of("middle").some(({ droneIds }) => droneIds.some((id) => id.startsWith("fast-"))));
  });
});
