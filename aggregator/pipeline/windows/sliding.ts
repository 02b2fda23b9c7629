// Ten seconds of a fleet or zone: how fast it flies, how fast it drains, and whose sensors drift.
import type { SlidingWindow } from "../../outputs.ts";
import type { ChargePane } from "./pane.ts";

export type SlidingContent = Pick<SlidingWindow, "speedAverageCms" | "batteryDrainCpctPerMin" | "drift">;

/** A drone stands still below this mean speed over ground, and mean climb or sink rate. */
const STILL_CMS = 50;
const STILL_POSITIONS_MIN = 3;
/** Readings closer together say nothing about a rate. */
const DRAIN_US_MIN = 1_000_000;
/** Mean length of a degree of latitude on the sphere of 6,371,008.8 m, in mm per 1e-7 degree. */
const MM_PER_E7 = (6_371_008.8 * Math.PI) / 180 / 1e4;

/** What of panes adds up. */
export type SpanPart = Omit<DroneSpan, "add">;

/** Several seconds of one drone. */
export class DroneSpan {
  forwarded = 0;
  speedSumCms = 0;
  downSumCms = 0;
  latMinE7 = Infinity;
  latMaxE7 = -Infinity;
  lonMinE7 = Infinity;
  lonMaxE7 = -Infinity;
  lonFarMinE7 = Infinity;
  lonFarMaxE7 = -Infinity;
  altMinMm = Infinity;
  altMaxMm = -Infinity;
  altHomeMinMm = Infinity;
  altHomeMaxMm = -Infinity;
  altMissing = 0;
  altHomeMissing = 0;
  readonly charges: ChargePane[] = [];

  add(of: SpanPart): void {
    this.forwarded += of.forwarded;
    this.speedSumCms += of.speedSumCms;
    this.downSumCms += of.downSumCms;
    if (of.latMinE7 < this.latMinE7) this.latMinE7 = of.latMinE7;
    if (of.latMaxE7 > this.latMaxE7) this.latMaxE7 = of.latMaxE7;
    if (of.lonMinE7 < this.lonMinE7) this.lonMinE7 = of.lonMinE7;
    if (of.lonMaxE7 > this.lonMaxE7) this.lonMaxE7 = of.lonMaxE7;
    if (of.lonFarMinE7 < this.lonFarMinE7) this.lonFarMinE7 = of.lonFarMinE7;
    if (of.lonFarMaxE7 > this.lonFarMaxE7) this.lonFarMaxE7 = of.lonFarMaxE7;
    if (of.altMinMm < this.altMinMm) this.altMinMm = of.altMinMm;
    if (of.altMaxMm > this.altMaxMm) this.altMaxMm = of.altMaxMm;
    if (of.altHomeMinMm < this.altHomeMinMm) this.altHomeMinMm = of.altHomeMinMm;
    if (of.altHomeMaxMm > this.altHomeMaxMm) this.altHomeMaxMm = of.altHomeMaxMm;
    this.altMissing += of.altMissing;
    this.altHomeMissing += of.altHomeMissing;
    for (const charge of of.charges) merge(this.charges, charge);
  }
}

/** @param spans of all drones of the window by id; a drone that was in several zones has several */
export function slidingContent(spans: Iterable<[droneId: string, span: DroneSpan]>): SlidingContent {
  const byDrone = new Map<string, DroneSpan>();
  let positions = 0;
  let speedSumCms = 0;
  for (const [droneId, span] of spans) {
    positions += span.forwarded;
    speedSumCms += span.speedSumCms;
    const other = byDrone.get(droneId);
    byDrone.set(droneId, other ? both(other, span) : span);
  }
  const drones = [...byDrone].sort(([a], [b]) => a < b ? -1 : 1);
  return {
    speedAverageCms: positions === 0 ? null : speedSumCms / positions,
    batteryDrainCpctPerMin: drain(drones),
    drift: drift(drones),
  };
}

function both(a: DroneSpan, b: DroneSpan): DroneSpan {
  const sum = new DroneSpan();
  sum.add(a);
  sum.add(b);
  return sum;
}

function drain(drones: [string, DroneSpan][]): number | null {
  let sum = 0;
  let batteries = 0;
  for (const [, { charges }] of drones) {
    // In the order of their ids: a sum of fractions depends on it.
    for (const { firstUs, firstCpct, lastUs, lastCpct } of charges.sort((a, b) => a.id - b.id)) {
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

function drift(drones: [string, DroneSpan][]): SlidingContent["drift"] {
  let result: SlidingContent["drift"] = null;
  for (const [droneId, span] of drones) {
    const spread = spreadOf(span);
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
function spreadOf(span: DroneSpan): { horizontalMm: number; verticalMm: number } | null {
  const { forwarded, speedSumCms, downSumCms } = span;
  // Of a drone that was forgotten nobody knows where it stood.
  if (forwarded < STILL_POSITIONS_MIN || span.latMinE7 > span.latMaxE7) return null;
  if (speedSumCms / forwarded >= STILL_CMS) return null;
  if (Math.abs(downSumCms) / forwarded >= STILL_CMS) return null;
  const north = (span.latMaxE7 - span.latMinE7) * MM_PER_E7;
  const lon = Math.min(span.lonMaxE7 - span.lonMinE7, span.lonFarMaxE7 - span.lonFarMinE7);
  const east = lon * MM_PER_E7 * Math.cos((span.latMinE7 / 1e7) * (Math.PI / 180));
  let vertical = 0;
  if (span.altMissing === 0) vertical = span.altMaxMm - span.altMinMm;
  else if (span.altHomeMissing === 0) vertical = span.altHomeMaxMm - span.altHomeMinMm;
  return { horizontalMm: Math.round(Math.hypot(north, east)), verticalMm: vertical };
}
