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

/** Is told what a link or a receiver has heard. */
export type Hear = (traffic: Traffic) => void;

interface Source {
  /** A receiver that the operator has set up; else whoever may have a link. */
  isReceiver: boolean;
  /** What it was the first to hear, and how much of that there may be. */
  first: Set<string>;
  firstMax: number;
}

interface Heard {
  id: string;
  traffic: Traffic;
  heardMs: number;
  /** By a receiver. */
  receivedMs: number;
  toldMs: number;
  isWaiting: boolean;
  /** What the source that heard it first was the first to hear. */
  first: Set<string>;
}

const AIRCRAFT_MAX = 2000;
/** That only links hear, by whatever number of them and however often they connect: the rest is for receivers. */
const OF_LINKS_MAX = 1000;
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
  /** What no receiver hears. */
  readonly #ofLinks = new Set<string>();
  #toldMs = -Infinity;
  #isPlanned = false;

  constructor(parts: TrafficReportsParts) {
    this.#parts = parts;
  }

  /** One more receiver that the operator has set up. */
  receiver(): Hear {
    const source = { isReceiver: true, first: new Set<string>(), firstMax: AIRCRAFT_MAX };
    return (traffic) => this.#hear(traffic, source);
  }

  /** One more link: of at most so many aircraft that nobody else has heard before. */
  link(firstMax: number): Hear {
    const source = { isReceiver: false, first: new Set<string>(), firstMax };
    return (traffic) => this.#hear(traffic, source);
  }

  /** Once a second: who has fallen silent is forgotten, and what could not be told is tried again. */
  check(): void {
    const silentMs = this.#parts.clock() - EXPIRES_MS;
    for (const heard of this.#heard.values()) {
      if (heard.heardMs < silentMs) this.#forget(heard);
      else if (heard.receivedMs < silentMs) this.#leaveToLinks(heard);
    }
    if (this.#heard.values().some(({ isWaiting }) => isWaiting)) this.#plan();
  }

  #forget({ id, isWaiting, first }: Heard): void {
    if (isWaiting) this.#parts.counters.trafficReplaced++;
    this.#heard.delete(id);
    this.#ofLinks.delete(id);
    first.delete(id);
  }

  // Links cannot keep for themselves what receivers have heard once.
  #leaveToLinks(heard: Heard): void {
    if (this.#ofLinks.has(heard.id)) return;
    if (this.#ofLinks.size < OF_LINKS_MAX) this.#ofLinks.add(heard.id);
    else this.#forget(heard);
  }

  #hasRoom({ isReceiver, first, firstMax }: Source): boolean {
    return first.size < firstMax && this.#heard.size < AIRCRAFT_MAX &&
      (isReceiver || this.#ofLinks.size < OF_LINKS_MAX);
  }

  #hear(traffic: Traffic, source: Source): void {
    const { counters, own, clock } = this.#parts;
    const id = `${traffic.source === "ads-b" ? "adsb" : "rid"}:${traffic.address}`;
    const heardMs = clock() - (traffic.ageS ?? 0) * 1000;
    const receivedMs = source.isReceiver ? heardMs : -Infinity;
    const known = this.#heard.get(id);
    counters.trafficHeard++;
    if (own.has(id)) counters.trafficOwn++;
    else if (known) {
      if (source.isReceiver) this.#ofLinks.delete(id);
      known.receivedMs = Math.max(known.receivedMs, receivedMs);
      if (known.isWaiting || heardMs < known.heardMs) counters.trafficReplaced++;
      if (heardMs < known.heardMs) return;
      Object.assign(known, { traffic, heardMs, isWaiting: true });
      this.#plan();
    } else if (!this.#hasRoom(source)) counters.trafficRefused++;
    else {
      const { first } = source;
      first.add(id);
      if (!source.isReceiver) this.#ofLinks.add(id);
      this.#heard.set(id, { id, traffic, heardMs, receivedMs, first, toldMs: -Infinity, isWaiting: true });
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
