import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Sky, told } from "./sky.ts";

/** Two drones that meet head-on after `seconds`, 10 m/s each. */
function headOn(sky: Sky, seconds: number, { offsetM = 0, upM = 100 } = {}): string[] {
  const events = [
    ...sky.tell("a", { eastM: -10 * seconds, east: 10 }),
    ...sky.tell("b", { eastM: 10 * seconds, northM: offsetM, upM, east: -10 }),
  ];
  return told(events);
}

const PLACES = [
  { name: "in the middle of Europe", latDeg: 47.4, lonDeg: 8.5 },
  { name: "across the antimeridian", latDeg: -18, lonDeg: 180 },
  { name: "at 85° north", latDeg: 85, lonDeg: 20 },
  { name: "at 85° south across the antimeridian", latDeg: -85, lonDeg: -180 },
  { name: "on the equator at 0°", latDeg: 0, lonDeg: 0 },
];

describe("the airspace's search", () => {
  it("counts who was in reach of a drone that moved, and who of them was tested", () => {
    const sky = new Sky({ settings: { testsMax: 4 } });
    for (let i = 0; i < 13; i++) sky.tell(`d-${i}`, { eastM: i });
    const { candidates, tested } = sky.airspace.view;
    assertEquals([candidates > 0, tested > 0, tested < candidates], [true, true, true]);
    sky.tell("alone", { eastM: 100_000 });
    assertEquals(sky.airspace.view.candidates, candidates);
  });
});

describe("Airspace", () => {
  for (const { name, latDeg, lonDeg } of PLACES) {
    it(`finds a pair on a collision course ${name}, as the second position arrives`, () => {
      const sky = new Sky({ latDeg, lonDeg });
      assertEquals(headOn(sky, 20), ["raise warning a|b"]);
      const [alert] = sky.alerts.open();
      assertAlmostEquals(alert!.conflict!.timeToClosestMs, 20_000, 50);
      assertAlmostEquals(alert!.conflict!.horizontalCm, 40_000, 200);
      assert(alert!.conflict!.closestHorizontalCm < 100, `${alert!.conflict!.closestHorizontalCm} cm`);
      assertAlmostEquals(alert!.conflict!.timeToEntryMs, 17_500, 50);
      assertEquals(alert!.conflict!.partners.map(({ id, speedCms }) => [id, speedCms]), [["a", 1000], ["b", 1000]]);
    });

    it(`says nothing of a pair that passes 70 m apart, or 25 m above, ${name}`, () => {
      assertEquals(headOn(new Sky({ latDeg, lonDeg }), 20, { offsetM: 70 }), []);
      assertEquals(headOn(new Sky({ latDeg, lonDeg }), 20, { upM: 125 }), []);
    });
  }

  it("says the same whichever of the two speaks last", () => {
    const [one, other] = [new Sky(), new Sky()];
    const [a, b] = [{ eastM: -200, east: 10, upM: 101 }, { northM: 180, north: -9, upM: 98 }];
    one.tell("a", a);
    other.tell("b", b);
    const [first] = one.tell("b", b);
    const [second] = other.tell("a", a);
    assertEquals(first?.conflict, second?.conflict);
    assertEquals(first?.message, second?.message);
  });

  it("looks no farther ahead than 30 s", () => {
    assertEquals(headOn(new Sky(), 33), []);
    assertEquals(
      headOn(new Sky(), 32),
      ["raise warning a|b"],
      "the volume is entered 2.5 s before the closest approach",
    );
  });

  it("finds pairs that overtake, climb into each other, or hang in the same place", () => {
    const overtaking = new Sky();
    overtaking.tell("a", { east: 10 });
    assertEquals(told(overtaking.tell("b", { eastM: -150, east: 15 })), ["raise warning a|b"]);
    const vertical = new Sky();
    vertical.tell("a", {});
    assertEquals(told(vertical.tell("b", { upM: 60, up: 2 })), ["raise warning a|b"]);
    const same = new Sky();
    same.tell("a", {});
    assertEquals(told(same.tell("b", {})), ["raise critical a|b"]);
  });

  it("escalates at once, and downgrades and resolves after 2 s clear", () => {
    const sky = new Sky();
    headOn(sky, 20);
    sky.at(9.5);
    sky.tell("a", { eastM: -105, east: 10 });
    assertEquals(told(sky.tell("b", { eastM: 105, east: -10 })), ["escalate critical a|b"]);
    const events: [number, string][] = [];
    for (let s = 9.6; s < 14; s += 0.1) {
      sky.at(s);
      // Both turn away to the north and south: nothing to fear any more.
      const changes = [
        ...sky.tell("a", { eastM: -105, north: 10, northM: (s - 9.5) * 10 }),
        ...sky.tell("b", { eastM: 105, north: -10, northM: -(s - 9.5) * 10 }),
        ...sky.tick(),
      ];
      for (const change of told(changes)) events.push([s, change]);
    }
    assertEquals(events.map(([, change]) => change), ["resolve critical a|b"]);
    assertAlmostEquals(events[0]![0], 11.6, 0.15);
  });

  it("downgrades a conflict that is less near, and keeps it", () => {
    const sky = new Sky();
    sky.tell("a", {});
    assertEquals(told(sky.tell("b", { eastM: 20 })), ["raise critical a|b"]);
    const changes: string[] = [];
    for (let s = 0.1; s < 4; s += 0.1) {
      sky.at(s);
      changes.push(...told([...sky.tell("a", {}), ...sky.tell("b", { eastM: 45 })]));
    }
    assertEquals(changes, ["downgrade warning a|b"]);
  });

  it("does not flap at the edge of a volume", () => {
    const sky = new Sky();
    const changes: string[] = [];
    for (let s = 0; s < 30; s += 0.1) {
      sky.at(s);
      const offsetM = 50 + 4 * Math.sin(40 * s);
      changes.push(...told(sky.tell("a", { eastM: -300 + 10 * s, east: 10 })));
      changes.push(...told(sky.tell("b", { eastM: 300 - 10 * s, northM: offsetM, east: -10 })));
    }
    assertEquals(changes.filter((change) => change.startsWith("raise")), ["raise warning a|b"]);
    assertEquals(changes.length, 1, changes.join());
  });

  it("keeps what noise takes a fifth out of a volume, and ends what has really left it", () => {
    const after5s = (fromM: number, toM: number) => {
      const sky = new Sky();
      sky.tell("a", {});
      sky.tell("b", { eastM: fromM });
      const changes: string[] = [];
      for (let s = 0.1; s < 5; s += 0.1) {
        sky.at(s);
        changes.push(...told([...sky.tell("a", {}), ...sky.tell("b", { eastM: toM })]));
      }
      return changes;
    };
    assertEquals([after5s(45, 59), after5s(45, 61)], [[], ["resolve warning a|b"]], "50 m");
    assertEquals([after5s(20, 29), after5s(20, 31)], [[], ["downgrade warning a|b"]], "25 m");
  });

  it("paces reminders, and tells them with numbers of their own time", () => {
    const sky = new Sky();
    headOn(sky, 25);
    const reminders = [];
    for (let s = 0.1; s < 12; s += 0.1) {
      sky.at(s);
      sky.tell("a", { eastM: -250 + 10 * s, east: 10 });
      sky.tell("b", { eastM: 250 - 10 * s, east: -10 });
      reminders.push(...sky.tick());
    }
    assertEquals(told(reminders), ["remind warning a|b", "remind warning a|b"]);
    assertAlmostEquals(reminders[0]!.conflict!.timeToClosestMs, 20_000, 200);
    assertAlmostEquals(reminders[1]!.conflict!.timeToClosestMs, 15_000, 200);
  });

  it("extrapolates both to one time, and widens the volume by age times speed", () => {
    const sky = new Sky();
    sky.tell("a", { eastM: -205, east: 10 }, 0.5);
    const [alert] = sky.tell("b", { eastM: 200, east: -10 });
    assertAlmostEquals(alert!.conflict!.horizontalCm, 40_000, 100);
    const wide = new Sky();
    wide.tell("a", { eastM: -210, east: 10 }, 1);
    assertEquals(told(wide.tell("b", { eastM: 200, northM: 55, east: -10 })), ["raise warning a|b"], "50 m + 10 m");
  });

  it("widens the volume by what the drones say of their accuracy, and by a common receiver's where they do not", () => {
    const accurate = { hAccM: 0, vAccM: 0 };
    const crossing = (of: { hAccM: number; vAccM: number }) => {
      const sky = new Sky();
      sky.tell("a", { eastM: -200, east: 10, ...of });
      return sky.tell("b", { eastM: 200, northM: 57, east: -10, ...of });
    };
    assertEquals(crossing(accurate), []);
    assertEquals(told(crossing({ hAccM: 3, vAccM: 3 })), ["raise warning a|b"], "50 m + 2 √18 m");
    const [alert] = crossing({ hAccM: NaN, vAccM: NaN });
    assertEquals(alert?.conflict?.assumed.length, 2);
  });

  it("lets a drone on the ground conflict with nobody, and ends its conflicts", () => {
    const sky = new Sky();
    headOn(sky, 20);
    assertEquals(told(sky.land("b")), ["resolve warning a|b"]);
    assertEquals(told(sky.tell("a", { eastM: -200, east: 10 })), []);
    assertEquals(sky.airspace.view.tracks, 1);
  });

  it("takes a drone that another edge delivers for the same drone", () => {
    const sky = new Sky();
    sky.tell("a", { eastM: 1 });
    assertEquals(sky.tell("a", { eastM: 2 }), []);
    assertEquals(sky.airspace.view.tracks, 1);
  });
});
