import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { AlertEvent } from "../../aggregator/outputs.ts";
import { Random } from "../../sim/random.ts";
import { ROW_WORDS, Word } from "../../aggregator/airspace/track_rows.ts";
import { Tracks } from "../../aggregator/airspace/tracks.ts";
import { type Place, Sky } from "./sky.ts";

const GOOD = { hAccM: 0.5, vAccM: 0.8 };
const FIVE_MIN_S = 300;

/** Two drones in the air for so long, each told of once in `periodS`; what changed of conflicts, and when. */
function watch(
  { untilS, periodS = 0.1, a, b }: {
    untilS: number;
    periodS?: number;
    a: (s: number) => Place;
    b: (s: number) => Place;
  },
): (AlertEvent & { atS: number })[] {
  const sky = new Sky();
  const changes: (AlertEvent & { atS: number })[] = [];
  for (let i = 0; i * periodS < untilS; i++) {
    const atS = i * periodS;
    const happened = [...sky.at(atS).tell("a", a(atS)), ...sky.at(atS + periodS / 2).tell("b", b(atS)), ...sky.tick()];
    changes.push(...happened.map((event) => ({ ...event, atS })));
  }
  return changes;
}

function raisedS(changes: (AlertEvent & { atS: number })[]): number[] {
  return changes.filter(({ transition }) => transition === "raise").map(({ atS }) => atS);
}

/** Keeps its place, while its receiver tells of movement that is none. */
function hovering(random: Random, place: Place, noiseMps = 0.3): () => Place {
  const noise = () => random.gaussian(noiseMps);
  return () => ({ ...place, ...GOOD, east: noise(), north: noise(), up: noise() });
}

describe("two drones that hover beside each other, told to move at 0.3 m/s by their receivers", () => {
  for (const apartM of [66, 70, 75, 80]) {
    it(`${apartM} m apart, are warned of each other once in five minutes at most`, () => {
      for (let seed = 1; seed <= 12; seed++) {
        const [a, b] = [hovering(new Random(seed, 1), {}), hovering(new Random(seed, 2), { eastM: apartM })];
        const atS = raisedS(watch({ untilS: FIVE_MIN_S, periodS: seed % 3 === 0 ? 1 : 0.1, a, b }));
        assert(atS.length <= 1, `seed ${seed}: raised at ${atS} s`);
      }
    });
  }

  it("one above the other as well", () => {
    for (let seed = 1; seed <= 6; seed++) {
      const [a, b] = [new Random(seed, 1), new Random(seed, 2)];
      const changes = watch({ untilS: FIVE_MIN_S, a: hovering(a, {}), b: hovering(b, { upM: 125 }) });
      assert(raisedS(changes).length <= 1, `seed ${seed}: raised at ${raisedS(changes)} s`);
    }
  });

  it("are not warned any more once one of them has braked that came near", () => {
    for (let seed = 1; seed <= 6; seed++) {
      const random = new Random(seed);
      const braked = hovering(random, {}, 0.1);
      // From 10 m/s at 2 m/s², to stop 75 m away.
      const a = (s: number) => {
        const leftS = Math.max(0, 5 - s);
        return s < 5 ? { ...GOOD, eastM: -leftS * leftS, east: 2 * leftS } : braked();
      };
      const b = hovering(new Random(seed, 2), { eastM: 75 }, 0.1);
      assert(raisedS(watch({ untilS: 120, a, b })).every((atS) => atS < 5), `seed ${seed}`);
    }
  });
});

describe("the velocity of a track", () => {
  const track = () => {
    const sky = new Sky();
    const tracks = new Tracks(1);
    const track = tracks.add("a")!;
    return (atS: number, east: number): number => {
      tracks.write(track, { fix: sky.at(atS).fix({ east }), accuracy: sky.settings });
      return tracks.rows[track * ROW_WORDS + Word.speed]!;
    };
  };

  it("is what it is told to be as soon as it flies, and as soon as it brakes", () => {
    const tell = track();
    assertEquals([0, 10, 12, 0.1, 0, 3].map((mps, i) => Math.round(100 * tell(i / 10, mps)) / 100), [
      0,
      10,
      12,
      0.1,
      0,
      3,
    ]);
  });

  it("is next to nothing ten seconds after it came at full speed, whatever its receiver's noise is", () => {
    const tell = track();
    tell(0, 10);
    for (let i = 1; i < 100; i++) tell(i / 10, i % 2 === 0 ? 0.3 : -0.3);
    assert(tell(10, 0.3) < 0.2);
  });
});

it("two that set out abreast, one of which says nine times of ten that nothing has changed, are not warned", () => {
  const sky = new Sky();
  for (let i = 0; i < 300; i++) {
    const s = i / 10;
    const [northM, north] = [0.02 * s * s, 0.04 * s];
    assertEquals(sky.at(s).tell("behind", { ...GOOD, northM, north }).length, 0, `behind, ${s} s`);
    if (i % 10 > 0) sky.airspace.confirm("ahead", sky.nowUs);
    else assertEquals(sky.tell("ahead", { ...GOOD, northM: northM + 60, north }).length, 0, `ahead, ${s} s`);
  }
});

describe("a drone that really comes nearer", () => {
  /** It is seen from -10 s on, hovers until 0 s and flies at `mps` then, toward one that hovers. */
  const approach = (mps: number, fromM: number) => {
    const random = new Random(7);
    const noise = () => random.gaussian(0.05);
    const a = (s: number) => ({ ...GOOD, eastM: Math.max(0, s - 10) * mps, east: (s > 10 ? mps : 0) + noise() });
    const b = () => ({ ...GOOD, eastM: fromM, east: noise(), north: noise() });
    return raisedS(watch({ untilS: 90, a, b })).map((s) => s - 10);
  };

  it("is warned of at its first report of it, when it is as fast as a drone flies", () => {
    for (const mps of [2.3, 3, 8, 15]) {
      const [atS = NaN] = approach(mps, 20 + 30 * mps);
      assertAlmostEquals(atS, 0.1, 0.11, `${mps} m/s`);
    }
  });

  it("is warned of within a second of setting out, when it flies at 1.3 m/s and more", () => {
    for (const mps of [1.3, 1.5, 1.9]) {
      const [atS = NaN] = approach(mps, 45 + 30 * mps);
      assert(atS < 1, `${mps} m/s: ${atS} s`);
    }
  });

  it("is warned of within a second of when it could be, when it is slower and has long been on its way", () => {
    for (const mps of [0.5, 0.8, 1.2, 1.8]) {
      const fromM = 51.4 + 70 * mps;
      const expectedS = (fromM - 51.42 - 30 * mps) / mps;
      const [atS = NaN] = approach(mps, fromM);
      assert(atS < expectedS + 1, `${mps} m/s: warned at ${atS} s, possible at ${expectedS.toFixed(1)} s`);
    }
  });

  it("keeps its conflict while it brakes and goes on slowly", () => {
    const a = (s: number) => ({ eastM: s < 2 ? 8 * s : 16 + (s - 2), east: s < 2 ? 8 : 1 });
    const changes = watch({ untilS: 30, a, b: () => ({ eastM: 85 }) });
    assertEquals(changes.map(({ transition }) => transition).filter((t) => t === "resolve" || t === "raise"), [
      "raise",
    ]);
  });
});
