// What receivers have heard of aircraft that are nobody's here, on its way to the aggregator: of each the newest, at once, and
// then a few times a second. Nothing is kept for a time without the aggregator but where each was last.
import type { MessageInitShape } from "@bufbuild/protobuf";
import { AltitudeDatum, type TrafficReportSchema } from "../../../proto/gen/slipstream/v1/traffic_pb.ts";
import type { Traffic } from "../../../wasm/mavlink/traffic.ts";
import type { Counters } from "../../counters.ts";

type Report = MessageInitShape<typeof TrafficReportSchema>;

export interface TrafficReportsParts {
  /** Hands it to the aggregator; false: that is not there. */
  tell: (body: { case: "traffic"; value: { reports: Report[] } }) => boolean;
  /** Ids of drones of ours. */
  own: ReadonlySet<string>;
  counters: Pick<Counters, "trafficHeard" | "trafficTold" | "trafficReplaced" | "trafficRefused" | "trafficOwn">;
  /** Monotonic ms. */
  clock: () => number;
  after: (ms: number, fn: () => void) => () => void;
  soon: (fn: () => void) => void;
}

/** Who has heard something: a link, a receiver. */
export type Hear = (traffic: Traffic) => void;

interface Heard {
  id: string;
  traffic: Traffic;
  heardMs: number;
  toldMs: number;
  isWaiting: boolean;
  /** Who heard it first. */
  by: Set<string>;
}

const AIRCRAFT_MAX = 2000;
const EXPIRES_MS = 60_000;
/** Of one aircraft so often at most, of all together so often. */
const EACH_MS = 200;
const ALL_MS = 20;
const REPORTS_MAX = 256;

const DATUMS = {
  sea: AltitudeDatum.MEAN_SEA_LEVEL,
  ellipsoid: AltitudeDatum.ELLIPSOID,
  pressure: AltitudeDatum.PRESSURE,
} as const;

export class TrafficReports {
  readonly #parts: TrafficReportsParts;
  readonly #heard = new Map<string, Heard>();
  #toldMs = -Infinity;
  #isPlanned = false;

  constructor(parts: TrafficReportsParts) {
    this.#parts = parts;
  }

  /** One more who hears: of at most so many aircraft that nobody else has heard before. */
  source(aircraftMax = AIRCRAFT_MAX): Hear {
    const by = new Set<string>();
    return (traffic) => this.#hear(traffic, { by, aircraftMax });
  }

  /** Once a second: who has fallen silent is forgotten, and what could not be told is tried again. */
  check(): void {
    const silentMs = this.#parts.clock() - EXPIRES_MS;
    for (const [id, { heardMs, isWaiting, by }] of this.#heard) {
      if (heardMs >= silentMs) continue;
      if (isWaiting) this.#parts.counters.trafficReplaced++;
      this.#heard.delete(id);
      by.delete(id);
    }
    if (this.#heard.values().some(({ isWaiting }) => isWaiting)) this.#plan();
  }

  #hear(traffic: Traffic, { by, aircraftMax }: { by: Set<string>; aircraftMax: number }): void {
    const { counters, own, clock } = this.#parts;
    const id = `${traffic.source === "ads-b" ? "adsb" : "rid"}:${traffic.address}`;
    const heardMs = clock() - (traffic.ageS ?? 0) * 1000;
    const known = this.#heard.get(id);
    counters.trafficHeard++;
    if (own.has(id)) counters.trafficOwn++;
    else if (known) {
      if (known.isWaiting || heardMs < known.heardMs) counters.trafficReplaced++;
      if (heardMs < known.heardMs) return;
      Object.assign(known, { traffic, heardMs, isWaiting: true });
      this.#plan();
    } else if (by.size >= aircraftMax || this.#heard.size >= AIRCRAFT_MAX) counters.trafficRefused++;
    else {
      by.add(id);
      this.#heard.set(id, { id, traffic, heardMs, by, toldMs: -Infinity, isWaiting: true });
      this.#plan();
    }
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    const { clock, after, soon } = this.#parts;
    const restMs = this.#toldMs + ALL_MS - clock();
    if (restMs > 0) after(restMs, () => this.#tell());
    else soon(() => this.#tell());
  }

  #tell(): void {
    this.#isPlanned = false;
    const { tell, clock, counters } = this.#parts;
    const nowMs = this.#toldMs = clock();
    const waiting = Array.from(this.#heard.values()).filter(({ isWaiting }) => isWaiting);
    const due = waiting.filter(({ toldMs }) => nowMs - toldMs >= EACH_MS);
    for (let from = 0; from < due.length; from += REPORTS_MAX) {
      const some = due.slice(from, from + REPORTS_MAX);
      // The next check tries again.
      if (!tell({ case: "traffic", value: { reports: some.map((heard) => reportOf(heard, nowMs)) } })) return;
      counters.trafficTold += some.length;
      for (const heard of some) Object.assign(heard, { toldMs: nowMs, isWaiting: false });
    }
    if (due.length < waiting.length) this.#plan();
  }
}

function reportOf({ id, traffic, heardMs }: Heard, nowMs: number): Report {
  const { name, crewed, latE7, lonE7, altitude, trackCdeg, speedCms, climbCms, airborne } = traffic;
  return {
    ...{ id, name: name ?? "", crewed, latE7, lonE7 },
    ...altitude && { altMm: altitude.mm, altDatum: DATUMS[altitude.above] },
    ...trackCdeg !== null && { trackCdeg },
    ...speedCms !== null && { speedCms },
    ...climbCms !== null && { climbCms },
    ...airborne !== null && { airborne },
    ageMs: Math.min(EXPIRES_MS, Math.max(0, Math.round(nowMs - heardMs))),
  };
}
