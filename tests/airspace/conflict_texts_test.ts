import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { conflictFinding, type PartnerView } from "../../aggregator/airspace/conflict_alerts.ts";
import type { SeparationView } from "../../aggregator/airspace/separation.ts";
import { Sky } from "./sky.ts";

const [a, b] = ["a", "b"].map((id): PartnerView => {
  const unknown = { altMslMm: null, trackCdeg: null, speedCms: null, climbCms: null };
  const place = { id, crewed: false, latE7: 0, lonE7: 0, ageMs: 0, ...unknown };
  return { place, ghost: null, hasVelocity: true, hasAltitude: true, hasAccuracy: true };
});

const AHEAD: SeparationView = {
  timeToClosestS: 14.2,
  closestHorizontalM: 12.3,
  closestVerticalM: 1.4,
  horizontalM: 411.6,
  verticalM: 5.2,
  timeToEntryS: 8.4,
};

function message(view: Partial<SeparationView>): string {
  return conflictFinding({ level: 1 }, { partners: [a!, b!], view: { ...AHEAD, ...view } }).message;
}

describe("the message of a conflict", () => {
  it("says the distance now, and when they are too close", () => {
    assertEquals(
      message({}),
      "a and b are 412 m apart (5 m in height), too close in 9 s, 12 m apart (1 m in height) in 15 s",
    );
  });

  it("says now of what is true now, and never that two will be somewhere now", () => {
    const within = { timeToEntryS: 0, timeToClosestS: 0, closestHorizontalM: 74, horizontalM: 74 };
    assertEquals(message(within), "a and b are 74 m apart (5 m in height), too close now");
  });

  it("does not call two closest that are hundreds of metres apart in height by then", () => {
    const climbing = { timeToEntryS: 0, horizontalM: 20, verticalM: 4, closestHorizontalM: 8, closestVerticalM: 368 };
    assertEquals(message(climbing), "a and b are 20 m apart (4 m in height), too close now");
  });

  it("says that heights are unknown", () => {
    const words = message({ verticalM: null, closestVerticalM: null });
    assertEquals(
      words,
      "a and b are 412 m apart (heights unknown), too close in 9 s, 12 m apart (heights unknown) in 15 s",
    );
  });

  it("is that of the pair as it is", () => {
    const sky = new Sky();
    sky.tell("a", { eastM: -200, east: 10 });
    sky.tell("b", { eastM: 200, east: -10 });
    assertMatch(
      sky.alerts.open()[0]!.message,
      /^a and b are 400 m apart \(0 m in height\), too close in 18 s, 0 m apart \(0 m in height\) in (20|21) s$/,
    );
  });
});

describe("Airspace.ghosts", () => {
  it("names those that fell silent, and how far each may be: its silence times its speed", () => {
    const sky = new Sky();
    sky.tell("silent", { east: 10 });
    sky.tell("speaking", { eastM: 5000, east: 10 });
    assertEquals(sky.airspace.ghosts(sky.nowUs).size, 0);
    sky.at(6).tell("speaking", { eastM: 5060, east: 10 });
    sky.tick();
    const ghosts = sky.airspace.ghosts(sky.at(8).nowUs);
    assertEquals([...ghosts].map(([id, withinM]) => [id, Math.round(withinM)]), [["silent", 80]]);
  });
});
