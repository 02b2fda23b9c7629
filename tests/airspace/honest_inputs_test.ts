import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type FixFault, FixGate } from "../../aggregator/airspace/fix_gate.ts";
import { type Place, Sky, told } from "./sky.ts";

const NO_VELOCITY = { east: NaN, north: NaN, up: NaN };

/** What two places raise, once both have told theirs to each other. */
function pair(a: Place, b: Place, ids: [string, string] = ["a", "b"]) {
  const sky = new Sky();
  sky.tell(ids[0], a);
  const [alert] = [...sky.tell(ids[1], b), ...sky.tell(ids[0], a)];
  return { raised: alert ? told([alert])[0] : undefined, conflict: alert?.conflict ?? null };
}

describe("a pair of which something is unknown", () => {
  it("is at the same height where heights cannot be compared", () => {
    const course = { eastM: 200, east: -10 };
    const { raised, conflict } = pair({ eastM: -200, east: 10, upM: NaN }, { ...course, upM: 4000 });
    assertEquals([raised, conflict?.closestVerticalCm], ["raise warning a|b", null]);
    assert(conflict?.assumed.includes("heights cannot be compared: same height"));
    assertEquals(pair({ eastM: -200, east: 10, upM: 100 }, { ...course, upM: 4000 }).raised, undefined);
  });

  it("is judged by distance in stages where one has no velocity, whatever its course", () => {
    const still = { eastM: 0, ...NO_VELOCITY };
    assertEquals(pair(still, { eastM: 160 }).raised, undefined);
    assertEquals(pair(still, { eastM: 140 }).raised, "raise warning a|b");
    assertEquals(pair(still, { eastM: 45 }).raised, "raise critical a|b");
    assertEquals(pair(still, { eastM: 45, upM: 150 }).raised, undefined);
    assert(pair(still, { eastM: 140 }).conflict?.assumed.includes("a without velocity: whatever its course"));
  });

  it("keeps well clear of crewed traffic, by distance and by time", () => {
    const ids: [string, string] = ["crewed-HB1", "drone"];
    assertEquals(pair({}, { eastM: 600 }, ids).raised, "raise critical crewed-HB1|drone");
    assertEquals(pair({}, { eastM: 620 }, ids).raised, undefined);
    assertEquals(pair({}, { eastM: 300, upM: 180 }, ids).raised, undefined);
    assertEquals(pair({ eastM: -3000, east: 60 }, {}, ids).raised, "raise warning crewed-HB1|drone");
    assertEquals(pair({}, { eastM: 100 }, ["crewed-HB1", "crewed-HB2"]).raised, undefined, "they see to it themselves");
  });
});

describe("a ghost", () => {
  /** `a` flies east at 10 m/s and falls silent at 0 s; b hovers where it may get. */
  function silence({ untilS, eastM = 0, northM = 0 }: { untilS: number; eastM?: number; northM?: number }) {
    const sky = new Sky();
    sky.tell("a", { east: 10 });
    const changes: { s: number; change: string }[] = [];
    for (let s = 0.1; s < untilS; s += 0.1) {
      sky.at(s);
      for (const change of told([...sky.tell("b", { eastM, northM }), ...sky.tick()])) {
        if (!change.startsWith("remind")) changes.push({ s: Math.round(s * 10) / 10, change });
      }
    }
    return { sky, changes };
  }

  it("is a silent drone after 3 s, and grows by its speed in all directions", () => {
    const { sky, changes } = silence({ untilS: 16, northM: -170 });
    assertEquals(sky.airspace.view.ghosts, 1);
    assertEquals(changes.map(({ change }) => change), ["raise warning a|b"]);
    assert(Math.abs(changes[0]!.s - 12) < 0.3, `50 m + 10 m/s reach 170 m at 12 s: ${changes[0]?.s}`);
    const assumed = sky.alerts.open()[0]?.conflict?.assumed.join() ?? "";
    assert(/a silent for 1[0-9] s: within 1[0-9]{2} m/.test(assumed), assumed);
  });

  it("grows also where its drone hovered: at 2 m/s, as it may have set out", () => {
    const sky = new Sky();
    sky.tell("a", {});
    const raisedS: number[] = [];
    for (let s = 0.1; s < 16; s += 0.1) {
      sky.at(s);
      const changes = [...sky.tell("b", { northM: 70 }), ...sky.tick()];
      if (changes.some(({ transition }) => transition === "raise")) raisedS.push(s);
    }
    assertEquals(raisedS.length, 1);
    assertAlmostEquals(raisedS[0]!, 10, 0.3, `50 m + 2 m/s reach 70 m at 10 s: ${raisedS[0]}`);
  });

  it("warns and never alerts, for nobody knows where it is", () => {
    const { changes } = silence({ untilS: 30, northM: -100 });
    assertEquals(changes.map(({ change }) => change), ["raise warning a|b"]);
  });

  it("ends when the drone returns, lands or has been silent for a minute", () => {
    const returned = silence({ untilS: 15, northM: -100 }).sky;
    returned.at(15.1).tell("a", { eastM: 500, east: 10 });
    assertEquals(returned.airspace.view.ghosts, 0);
    assertEquals(told(returned.at(17.5).tell("b", { northM: -100 })), ["resolve warning a|b"]);
    const landed = silence({ untilS: 15, northM: -100 }).sky;
    assertEquals(told(landed.land("a")), ["resolve warning a|b"]);
    const expired = silence({ untilS: 61, northM: -100 });
    assertEquals(expired.changes.map(({ change }) => change), ["raise warning a|b", "resolve warning a|b"]);
    assertEquals(expired.sky.airspace.view.tracks, 1);
  });

  it("is nobody after a pause of the aggregator itself", () => {
    const sky = new Sky();
    sky.tell("a", { east: 10 });
    sky.at(20);
    sky.airspace.tick({ nowUs: sky.nowUs, trigger: null, outputs: [] }, sky.nowUs);
    assertEquals(sky.airspace.view.ghosts, 0);
    assertEquals(sky.tell("b", { eastM: 200 }), [], "where a is now nobody knows");
    sky.at(23.1).tell("b", { eastM: 200 });
    sky.airspace.tick({ nowUs: sky.nowUs, trigger: null, outputs: [] }, sky.nowUs - 3_100_000);
    assertEquals(sky.airspace.view.ghosts, 1);
  });
});

describe("FixGate", () => {
  const M_PER_DEG = 111_320;
  const place = (s: number, northM: number, over = {}) => ({
    fixType: 3,
    latDeg: 47 + northM / M_PER_DEG,
    lonDeg: 8,
    speedMps: 10,
    hAccM: 1,
    measuredUs: s * 1e6,
    ...over,
  });
  /** What becomes of each of these. */
  const judge = (fixes: ReturnType<typeof place>[]): (FixFault | null)[] => {
    const gate = new FixGate();
    return fixes.map((fix) => gate.judge(fix));
  };

  it("believes a drone that flies as fast as it says, whatever its rate", () => {
    for (const hz of [1, 5, 10, 60]) {
      assertEquals(
        new Set(judge(Array.from({ length: 50 }, (_, i) => place(i / hz, 10 * i / hz)))),
        new Set<FixFault | null>([null]),
      );
    }
  });

  it("believes no fix that is lost, at 0° and 0°, or nowhere on earth", () => {
    const faults = judge([
      place(0, 0, { fixType: 1 }),
      place(0, 0, { fixType: 0 }),
      place(0, 0, { latDeg: 0, lonDeg: 0 }),
      place(0, 0, { latDeg: 91 }),
      place(0, 0, { lonDeg: -181 }),
      place(0, 0, { fixType: 2 }),
    ]);
    assertEquals(faults, ["no-fix", "no-fix", "no-place", "no-place", "no-place", null]);
  });

  it("quarantines a jump, and believes the drone again when it is back", () => {
    assertEquals(judge([place(0, 0), place(0.1, 500), place(0.2, 2), place(0.3, 3)]), [null, "jump", null, null]);
  });

  it("says nothing of steps over less than 0.2 s that a receiver's noise makes", () => {
    assertEquals(judge([place(0, 0), place(0.01, 8), place(0.02, -8)]), [null, null, null]);
  });

  it("believes a new place that is told five times over half a second", () => {
    const fixes = [place(0, 0), ...Array.from({ length: 8 }, (_, i) => place(0.1 + i * 0.1, 500 + i))];
    const expected = [null, "jump", "jump", "jump", "jump", "jump", null, null, null];
    assertEquals(judge(fixes), expected as (FixFault | null)[]);
  });

  it("believes no new place that is told fewer than five times, nor in a burst, however slow or fast the receiver", () => {
    const faults = (times: number, everyS: number) =>
      judge([place(0, 0), ...Array.from({ length: times }, (_, i) => place(1 + i * everyS, 5000 + i))]).slice(1);
    assertEquals([faults(5, 1).indexOf(null), faults(30, 0.01).indexOf(null)], [4, -1]);
  });

  it("never believes jumps to ever other places", () => {
    const jumps = judge([place(0, 0), ...Array.from({ length: 40 }, (_, i) => place(0.1 + i / 10, 900 * (i % 3 + 1)))]);
    assertEquals(new Set(jumps.slice(1)), new Set<FixFault | null>(["jump"]));
  });

  it("takes a repeated position of a moving drone for none, and of a still one for a position", () => {
    assertEquals(judge([place(0, 0), place(0.1, 0)]), [null, "frozen"]);
    assertEquals(judge([place(0, 0), place(0.1, 0, { speedMps: 0.1 })]), [null, null]);
    assertEquals(judge([place(0, 0), place(0.1, 0, { speedMps: NaN })]), [null, null]);
  });
});
