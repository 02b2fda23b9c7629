// Traffic as a receiver of ADS-B hears it: aircraft on parallel tracks that never come near to anybody, reported each so many
// seconds, not on the dot, some reports lost and now and then all of them for a while. Seeded; metres and seconds.
import { Random } from "../../sim/random.ts";

/** Tracks lie a nautical mile from each other: well clear of crewed traffic is 610 m. */
const LANE_M = 1852;
/** Of a drone that hovers, from the nearest track, which crewed traffic has. */
const DRONE_M = 1100;
const LANES = 12;
const LENGTH_M = 60_000;
const SPEED_MPS = [40, 90] as const;
/** Aircraft sway about their track, slowly. */
const SWAY_M = 20;
const SWAY_PERIOD_S = 60;
/** A source's own interval, and how far from it a report may come. */
const INTERVAL_S = [1, 12] as const;
const JITTER = 0.3;
/** One report lost, and an outage. */
const LOST_CHANCE = 0.05;
const OUTAGE_CHANCE = 0.002;
const OUTAGE_S = [15, 40] as const;
const HOVER_S = 0.5;

export interface Report {
  atS: number;
  id: string;
  eastM: number;
  northM: number;
  upM: number;
  east: number;
  north: number;
  hAccM: number;
}

/** All reports of a time, in order; lanes with an even number are crewed traffic, the others are not. */
export function adsbTraffic({ seed, hours }: { seed: number; hours: number }): { reports: Report[]; flownH: number } {
  const reports: Report[] = [];
  let flownS = 0;
  for (let lane = 0; lane < LANES; lane++) {
    const random = new Random(seed, lane + 1);
    for (let startS = random.between(0, 300), n = 0; startS < hours * 3600; n++) {
      const endS = flight(random, { lane, n, startS, untilS: hours * 3600, reports });
      flownS += endS - startS;
      startS = endS + random.between(30, 120);
    }
  }
  const random = new Random(seed, 0);
  for (let i = 0; i < 8; i++) {
    const northM = LENGTH_M * (i + 0.5) / 8;
    for (let atS = random.unit(); atS < hours * 3600; atS += HOVER_S) {
      const still = { east: 0, north: 0, hAccM: 3 };
      reports.push({ atS, id: `drone-${i}`, eastM: -DRONE_M, northM, upM: 300, ...still });
    }
  }
  flownS += 8 * hours * 3600;
  return { reports: reports.sort((a, b) => a.atS - b.atS), flownH: flownS / 3600 };
}

// Up or down the lane, from one end to the other; the time at which it is over.
function flight(
  random: Random,
  { lane, n, startS, untilS, reports }: {
    lane: number;
    n: number;
    startS: number;
    untilS: number;
    reports: Report[];
  },
): number {
  const mps = random.between(...SPEED_MPS);
  const intervalS = random.between(...INTERVAL_S);
  const [way, fromM] = random.chance(0.5) ? [1, 0] : [-1, LENGTH_M];
  const endS = Math.min(untilS, startS + LENGTH_M / mps);
  const turn = 2 * Math.PI / SWAY_PERIOD_S;
  for (let atS = startS; atS < endS;) {
    const phase = turn * (atS - startS);
    reports.push({
      atS,
      id: `${lane % 2 === 0 ? "crewed" : "adsb"}-${lane}-${n}`,
      eastM: lane * LANE_M + SWAY_M * Math.sin(phase),
      northM: fromM + way * mps * (atS - startS),
      upM: 300,
      east: SWAY_M * turn * Math.cos(phase),
      north: way * mps,
      hAccM: 10,
    });
    let gapS = intervalS * random.between(1 - JITTER, 1 + JITTER);
    while (random.chance(LOST_CHANCE)) gapS += intervalS;
    atS += random.chance(OUTAGE_CHANCE) ? random.between(...OUTAGE_S) : gapS;
  }
  return endS;
}
