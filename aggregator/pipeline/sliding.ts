// Ten seconds of a fleet or zone: how fast it flies, how fast it drains, and whose sensors drift.
import type { SlidingWindow } from "./outputs.ts";
import type { ChargePane, Pane } from "./pane.ts";

export type SlidingContent = Pick<SlidingWindow, "speedAverageCms" | "batteryDrainCpctPerMin" | "drift">;

/** A drone stands still below this mean speed over ground, and mean climb or sink rate. */
const STILL_CMS = 50;
const STILL_POSITIONS_MIN = 3;
/** Readings closer together say nothing about a rate. */
const DRAIN_US_MIN = 1_000_000;
/** Mean length of a degree of latitude on the sphere of 6,371,008.8 m, in mm per 1e-7 degree. */
const MM_PER_E7 = (6_371_008.8 * Math.PI) / 180 / 1e4;

/** @param panes of all seconds of the window, oldest second first */
export function slidingContent(panes: Iterable<Pane>): SlidingContent {
  const byDrone = new Map<string, Pane[]>();
  let positions = 0;
  let speedSumCms = 0;
  for (const pane of panes) {
    positions += pane.forwarded;
    speedSumCms += pane.speedSumCms;
    const { droneId } = pane.membership.drone;
    const ofDrone = byDrone.get(droneId);
    if (ofDrone) ofDrone.push(pane);
    else byDrone.set(droneId, [pane]);
  }
  const drones = [...byDrone].sort(([a], [b]) => a < b ? -1 : 1);
  return {
    speedAverageCms: positions === 0 ? null : speedSumCms / positions,
    batteryDrainCpctPerMin: drain(drones.map(([, ofDrone]) => ofDrone)),
    drift: drift(drones),
  };
}

function drain(drones: Pane[][]): number | null {
  let sum = 0;
  let batteries = 0;
  for (const panes of drones) {
    const charges: ChargePane[] = [];
    for (const { charges: ofPane } of panes) for (const charge of ofPane) merge(charges, charge);
    for (const { firstUs, firstCpct, lastUs, lastCpct } of charges) {
      if (lastUs - firstUs < DRAIN_US_MIN) continue;
      sum += ((firstCpct - lastCpct) * 60e6) / (lastUs - firstUs);
      batteries++;
    }
  }
  return batteries === 0 ? null : sum / batteries;
}

// A drone has few batteries: a list is faster than a Map here, and single assignments than Object.assign, by a third
// of the whole window.
function merge(charges: ChargePane[], charge: ChargePane): void {
  const known = charges.find(({ id }) => id === charge.id);
  if (!known) {
    charges.push({ ...charge });
    return;
  }
  const { firstUs, firstSeq, firstCpct, lastUs, lastSeq, lastCpct } = charge;
  if (firstUs < known.firstUs || (firstUs === known.firstUs && firstSeq < known.firstSeq)) {
    known.firstUs = firstUs;
    known.firstSeq = firstSeq;
    known.firstCpct = firstCpct;
  }
  if (lastUs > known.lastUs || (lastUs === known.lastUs && lastSeq > known.lastSeq)) {
    known.lastUs = lastUs;
    known.lastSeq = lastSeq;
    known.lastCpct = lastCpct;
  }
}

function drift(drones: [string, Pane[]][]): SlidingContent["drift"] {
  let result: SlidingContent["drift"] = null;
  for (const [droneId, panes] of drones) {
    const spread = spreadOf(panes);
    if (!spread) continue;
    result ??= { drones: 0, maxHorizontalMm: -1, maxVerticalMm: 0, worstDroneId: "" };
    result.drones++;
    result.maxVerticalMm = Math.max(result.maxVerticalMm, spread.verticalMm);
    if (spread.horizontalMm <= result.maxHorizontalMm) continue;
    result.maxHorizontalMm = spread.horizontalMm;
    result.worstDroneId = droneId;
  }
  return result;
}

/** Diagonal of the box that holds all positions, and the span of altitudes; null unless the drone stands still. */
function spreadOf(panes: Pane[]): { horizontalMm: number; verticalMm: number } | null {
  const sum = (of: (pane: Pane) => number) => panes.reduce((total, pane) => total + of(pane), 0);
  const span = (low: (pane: Pane) => number, high: (pane: Pane) => number) =>
    panes.reduce((max, pane) => Math.max(max, high(pane)), -Infinity) -
    panes.reduce((min, pane) => Math.min(min, low(pane)), Infinity);
  const positions = sum((pane) => pane.forwarded);
  if (positions < STILL_POSITIONS_MIN) return null;
  if (sum((pane) => pane.speedSumCms) / positions >= STILL_CMS) return null;
  if (Math.abs(sum((pane) => pane.downSumCms)) / positions >= STILL_CMS) return null;
  const lat = span((pane) => pane.latMinE7, (pane) => pane.latMaxE7);
  const near = span((pane) => pane.lonMinE7, (pane) => pane.lonMaxE7);
  const far = span((pane) => pane.lonFarMinE7, (pane) => pane.lonFarMaxE7);
  const latMin = panes.reduce((min, pane) => Math.min(min, pane.latMinE7), Infinity);
  const north = lat * MM_PER_E7;
  const east = Math.min(near, far) * MM_PER_E7 * Math.cos((latMin / 1e7) * (Math.PI / 180));
  let vertical = 0;
  if (sum((pane) => pane.altMissing) === 0) vertical = span((pane) => pane.altMinMm, (pane) => pane.altMaxMm);
  else if (sum((pane) => pane.altHomeMissing) === 0) {
    vertical = span((pane) => pane.altHomeMinMm, (pane) => pane.altHomeMaxMm);
  }
  return { horizontalMm: Math.round(Math.hypot(north, east)), verticalMm: vertical };
}
