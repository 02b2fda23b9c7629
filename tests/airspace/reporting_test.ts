import { assert, assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Reporting } from "../../aggregator/pipeline/drones/reporting.ts";
import { Scene, straight } from "../pipeline/scene.ts";
import { adsbTraffic, type Report } from "./adsb.ts";
import { Sky, told } from "./sky.ts";

const LEAST_S = 3;

/** How long a source may be silent that reported at these times, in s. */
function silenceS(...timesS: number[]): number {
  const reporting = new Reporting();
  for (const s of timesS) reporting.heard(s * 1e6);
  return reporting.silenceUs(LEAST_S * 1e6) / 1e6;
}

const each = (gapS: number, count = 20, fromS = 0) => Array.from({ length: count }, (_, i) => fromS + i * gapS);

describe("how long a silence is ordinary", () => {
  it("is 3 s for all that report each 1.5 s and more often, whatever single outage they had", () => {
    for (const gapS of [0.05, 0.1, 1, 1.5]) assertEquals(silenceS(...each(gapS)), 3);
    assertEquals(silenceS(...each(0.1), ...each(0.1, 4, 40)), 3);
    assertEquals(silenceS(), 3);
    assertEquals(silenceS(7), 3);
  });

  it("is two reports of one that reports less often, from its second report on", () => {
    assertEquals(silenceS(...each(5)), 10);
    assertEquals(silenceS(0, 5), 10);
    assertEquals(silenceS(...each(0.1), ...each(5, 3, 6.9)), 10, "it reports less often from now on");
    assertEquals(silenceS(...each(5), ...each(0.1, 8, 96)), 3, "and often again");
  });

  it("has a bound, and none has a report of the past", () => {
    assertEquals(silenceS(...each(100)), 30);
    assertEquals(silenceS(...each(5), 3, 4, 5), 10);
  });

  it("is the same after a restart", () => {
    const reporting = new Reporting();
    for (const s of each(4, 30)) reporting.heard(s * 1e6);
    const restored = Reporting.restore(structuredClone(reporting.save()));
    for (const  of of[reporting, restored]) for (const s of each(6, 5, 120)) of.heard(s * 1e6);
    assertEquals(restored.save(), reporting.save());
  });

  it("does not change when our clock is set", () => {
    const reporting = new Reporting();
    for (const s of each(4)) reporting.heard(s * 1e6);
    reporting.shift(3600e6);
    for (const s of each(4, 3, 3600 + 80)) reporting.heard(s * 1e6);
    assertEquals(reporting.silenceUs(3e6), 8e6);
  });
});

describe("a drone that reports each five seconds", () => {
  const slow = () => {
    const path = straight({ vnMps: 8 });
    return new Scene([{
      droneId: "slow",
      slot: 1,
      at: (s) => s < 60 && Math.round(s * 10) % 50 === 0 ? path(s) : null,
    }]);
  };

  it("is neither lost nor a ghost between two reports, and is both once it is overdue", () => {
    const scene = slow();
    const ghosts: number[] = [];
    scene.flyTo(75, (s) => ghosts.push(s > 5 ? scene.pipeline.fleet().airspace.ghosts : 0));
    const first = ghosts.indexOf(1) / 10;
    assert(first > 64.9 && first < 65.4, `ghost at ${first} s: 10 s after the report of 55 s`);
    const lost = scene.raised("link-loss").map(([atS]) => atS).filter((atS) => atS > 5);
    assertEquals(lost.length, 1);
    assert(lost[0]! > 64.9 && lost[0]! < 65.4, `lost at ${lost[0]} s`);
  });

  it("is where it has flown to since, for a drone that crosses its way", () => {
    const sky = new Sky();
    sky.tell("slow", { eastM: -600, east: 20, silenceS: 10 });
    const raised = told(sky.at(6).tell("b", { eastM: 120, east: -10 }));
    assertEquals(raised, ["raise warning b|slow"], "after 6 s it is at -480 m, and 20 s away");
  });

  it("is found from afar, by where it can be by now and not by where it was", () => {
    const sky = new Sky();
    sky.tell("slow", { eastM: -1430, east: 20, silenceS: 10 });
    assertEquals(told(sky.at(9).tell("b", { east: -20 })), ["raise warning b|slow"], "at -1250 m, closing at 40 m/s");
  });

  it("is as unsure as three seconds make it, however long ago it reported, until it is a ghost", () => {
    const besideM = (ageS: number, northM: number) => {
      const sky = new Sky();
      sky.tell("slow", { eastM: -20 * ageS, east: 20, silenceS: 10 });
      return sky.at(ageS).tell("b", { northM, upM: 100 }).length;
    };
    assertEquals([besideM(2, 85), besideM(2, 95)], [1, 0], "50 m + 2 s of 20 m/s");
    assertEquals([besideM(9, 105), besideM(9, 115)], [1, 0], "50 m + 3 s of 20 m/s");
  });
});

describe("a drone that reports ten times a second", () => {
  it("is a ghost and lost after 3 s, whatever outages it had before", () => {
    const path = straight({ vnMps: 8 });
    const away = (s: number) => (s > 10 && s < 12.5) || s > 20;
    const scene = new Scene([{ droneId: "a", slot: 1, at: (s) => away(s) ? null : path(s) }]);
    let ghostS = NaN;
    scene.flyTo(25, (s) => {
      if (Number.isNaN(ghostS) && scene.pipeline.fleet().airspace.ghosts > 0) ghostS = s;
    });
    assert(ghostS > 22.9 && ghostS < 23.3, `${ghostS} s`);
    assertEquals(scene.raised("link-loss").map(([atS]) => Math.round(atS)), [23]);
  });
});

describe("traffic that a receiver of ADS-B hears", () => {
  it("raises at most one conflict in a hundred hours that nobody comes near to anybody", () => {
    let [flown, conflicts] = [0, 0];
    for (const seed of [1, 2, 3]) {
      const { reports, flownH } = adsbTraffic({ seed, hours: 3 });
      flown += flownH;
      conflicts += conflictsOf(reports, (own) => own.silenceUs(LEAST_S * 1e6) / 1e6);
    }
    assert(flown > 100, `${flown} h`);
    assert(conflicts <= flown / 100, `${conflicts} conflicts in ${flown.toFixed(0)} flight hours`);
  });

  it("raises dozens where 3 s are taken for a silence of all of them: the traffic is what it is thought to be", () => {
    const { reports } = adsbTraffic({ seed: 1, hours: 3 });
    assertGreater(conflictsOf(reports, () => LEAST_S), 12);
  });
});

/** Conflicts raised by these reports, with a tick each half second; a flight that is over has landed. */
function conflictsOf(reports: Report[], silenceS: (of: Reporting) => number): number {
  const sky = new Sky();
  const reporting = new Map<string, Reporting>();
  const last = new Map(reports.map(({ id, atS }) => [id, atS]));
  let [conflicts, tickS] = [0, 0];
  const count = (events: ReturnType<Sky["tick"]>) => {
    conflicts += events.filter(({ transition }) => transition === "raise").length;
  };
  for (const { id, atS, ...place } of reports) {
    for (; tickS < atS; tickS += 0.5) count(sky.at(tickS).tick());
    sky.at(atS);
    let own = reporting.get(id);
    if (!own) reporting.set(id, own = new Reporting());
    own.heard(sky.nowUs);
    count(sky.tell(id, { ...place, vAccM: 3, silenceS: silenceS(own) }));
    if (atS === last.get(id)) sky.land(id);
  }
  return conflicts;
}
