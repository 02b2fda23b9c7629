// Aircraft that are nobody's here: each by its address, whoever heard it, the freshest report goes. They count in no window,
// and are no fleet's; drones are warned of them.
import type { TrafficHeard } from "../../batch/entry.ts";
import type { Airspace } from "../../airspace/airspace.ts";
import type { Output } from "../../outputs.ts";
import type { TrafficReportsView, TrafficView } from "../../views.ts";
import { fixOf, type Sighting, sightingOf, trafficView } from "./sighting.ts";

export interface TrafficParts {
  airspace: Pick<Airspace, "updateTraffic" | "removeTraffic">;
  /** A drone of ours is called so. */
  isDrone: (id: string) => boolean;
}

export interface SavedTraffic {
  sightings: Sighting[];
  reports: TrafficReportsView;
}

/** It is thought to fly on for so long, and to be somewhere for so long; then it is forgotten. */
const FLIES_ON_US = 10_000_000;
const EXPIRES_US = 60_000_000;
/** What another receiver heard at the same place within this is the same transmission. */
const SAME_US = 2_000_000;

export class Traffic {
  readonly #parts: TrafficParts;
  readonly #max: number;
  readonly #sightings = new Map<string, Sighting>();
  #reports: TrafficReportsView = { taken: 0, repeated: 0, stale: 0, invalid: 0, own: 0, tooMany: 0 };

  /** `trafficMax`: at once; one more is not heard, and counted. */
  constructor(parts: TrafficParts, { trafficMax }: { trafficMax: number }) {
    this.#parts = parts;
    this.#max = trafficMax;
  }

  save(): SavedTraffic {
    return { sightings: Array.from(this.#sightings.values(), (sighting) => ({ ...sighting })), reports: this.reports };
  }

  restore({ sightings, reports }: SavedTraffic): void {
    for (const sighting of sightings) this.#sightings.set(sighting.id, sighting);
    this.#reports = reports;
  }

  get size(): number {
    return this.#sightings.size;
  }

  /** Since the pipeline began, by fate. */
  get reports(): TrafficReportsView {
    return { ...this.#reports };
  }

  views(): TrafficView[] {
    return Array.from(this.#sightings.values(), trafficView);
  }

  hear({ edgeId, reports, nowUs }: TrafficHeard & { nowUs: number }): Output[] {
    const outputs: Output[] = [];
    for (const report of reports) {
      const sighting = sightingOf(report, { edgeId, nowUs });
      this.#reports[sighting ? this.#take(sighting, { nowUs, outputs }) : "invalid"]++;
    }
    return outputs;
  }

  /** Who has said nothing for too long is forgotten. */
  tick({ nowUs, outputs }: { nowUs: number; outputs: Output[] }): void {
    for (const { id, fixUs } of this.#sightings.values()) {
      if (nowUs - fixUs <= EXPIRES_US) continue;
      this.#sightings.delete(id);
      this.#parts.airspace.removeTraffic(id, { nowUs, trigger: null, outputs });
    }
  }

  /** Our clock was set. */
  clockStepped(stepUs: number): void {
    for (const sighting of this.#sightings.values()) sighting.fixUs += stepUs;
  }

  #take(sighting: Sighting, { nowUs, outputs }: { nowUs: number; outputs: Output[] }): keyof TrafficReportsView {
    const { id, fixUs, airborne } = sighting;
    const { airspace } = this.#parts;
    const step = { nowUs, trigger: null, outputs };
    if (this.#isOwn(sighting)) {
      // It was there for as long as nobody had heard its name.
      if (this.#sightings.delete(id)) airspace.removeTraffic(id, step);
      return "own";
    }
    const known = this.#sightings.get(id);
    if (nowUs - fixUs > EXPIRES_US || (known && fixUs < known.fixUs)) return "stale";
    if (known && isSame(known, sighting)) return "repeated";
    if (!known && this.#sightings.size >= this.#max) return "tooMany";
    this.#sightings.set(id, sighting);
    if (airborne) airspace.updateTraffic(sighting, fixOf(sighting, FLIES_ON_US), step);
    else airspace.removeTraffic(id, step);
    return "taken";
  }

  // Our own drones say by Remote ID who they are. A call sign is somebody else's, whatever a drone is called.
  #isOwn({ id, name }: Sighting): boolean {
    return id.startsWith("rid:") && name !== "" && this.#parts.isDrone(name);
  }
}

function isSame(known: Sighting, heard: Sighting): boolean {
  const isThere = known.latE7 === heard.latE7 && known.lonE7 === heard.lonE7 && known.altMm === heard.altMm;
  return isThere && known.edgeId !== heard.edgeId && heard.fixUs - known.fixUs < SAME_US;
}
