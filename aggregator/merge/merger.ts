// Windows of all regions together, from what each has told of its own: as one aggregator that had seen everything would tell them. A
// window comes once all regions have told theirs, or without those that let it wait; again when one has more to say; and for the last
// time when it is final in all of them. No clock, no I/O.
import { ALL_ZONES } from "../outputs.ts";
import { SLIDING_S } from "../pipeline/windows/firing.ts";
import { CellAreas, type ContentParts, type ContentSettings } from "../pipeline/windows/tumbling.ts";
import type { TopicMessage } from "./contribution.ts";
import { Due } from "./due.ts";
import { type GlobalOutput, type WindowAt, windowOf } from "./global_window.ts";
import type { Place } from "./place.ts";
import { type Heard, Region } from "./region.ts";
import { Seconds } from "./seconds.ts";

export interface MergerSettings {
  /** All that are waited for, by name. */
  regions: readonly string[];
  /** For how long a window waits for a region when another has told it. */
  waitMs: number;
  /** Of what regions have told; beyond it the oldest windows are final before all regions say so. */
  bytesMax: number;
  /** What is computed in one go: so many panes, and one window beyond. */
  panesMax: number;
  content: ContentSettings;
}

/** What came of a message. */
export type Outcome = "window" | "late" | Extract<Heard, string>;
export type Counts = Record<Outcome, number>;

/** What is told in one go, and what else may be. */
interface Turn {
  outputs: GlobalOutput[];
  panesLeft: number;
}

/** What a window costs that nobody is in. */
const WINDOW_PANES = 20;

export class Merger {
  readonly #settings: MergerSettings;
  readonly #content: ContentParts;
  readonly #regions = new Map<string, Region>();
  readonly #seconds = new Seconds();
  readonly #due: Due;
  #finalS = 0;
  /** As it was final before a restart. */
  #resumedS = 0;
  #step = 0;
  #isBehind = false;
  readonly counts: Counts = { window: 0, progress: 0, part: 0, late: 0, stranger: 0, unreadable: 0 };

  constructor(settings: MergerSettings) {
    this.#settings = settings;
    this.#content = { settings: settings.content, areas: new CellAreas() };
    this.#due = new Due(settings);
    for (const name of settings.regions) this.#regions.set(name, new Region(name));
  }

  /** @throws {Error} when it is none of the regions */
  take(name: string, message: TopicMessage, { nowS }: { nowS: number }): Outcome {
    const region = this.#region(name);
    const beforeS = region.firedS;
    const heard = region.hear(message, { nowS });
    const outcome = typeof heard === "string" ? heard : this.#add(region, heard);
    this.counts[outcome]++;
    // Windows that did not wait for it are told with it.
    if (region.firedS > beforeS) this.#due.again({ afterS: beforeS, toS: region.firedS });
    return outcome;
  }

  /** What comes next of a region does not follow on what came before: it is missing in windows between. */
  lack(name: string): void {
    this.#region(name).lack();
  }

  /** What there is to tell by now, as far as it goes at once; while what was told before is read again, only what is final. */
  advance(nowMs: number, { isReadingAgain = false } = {}): GlobalOutput[] {
    const all = [...this.#regions.values()];
    const turn: Turn = { outputs: [], panesLeft: this.#settings.panesMax };
    let isDone = this.#finish(Math.min(...all.map(({ finalS }) => finalS)), turn);
    while (isDone && this.#seconds.bytes > this.#settings.bytesMax) {
      isDone = this.#finish(this.#seconds.oldestS + SLIDING_S, turn);
    }
    if (isDone && !isReadingAgain) {
      const firedS = all.map(({ firedS }) => firedS);
      const due = this.#due.take(nowMs, { firstS: Math.min(...firedS), lastS: Math.max(...firedS) });
      isDone = this.#tell(due, { turn, final: false });
    }
    this.#isBehind = !isDone;
    return turn.outputs;
  }

  /** There is more to tell than what was. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  takePlace(): Place {
    const first = this.#seconds.firstOffsets();
    const all = [...this.#regions.values()];
    const offsets = all.map(({ name, restOffset }) => [name, first.get(name) ?? restOffset]);
    const known = offsets.filter(([, offset]) => offset !== null).map(([name, offset]) => [name, `${offset}`]);
    const sinceS = all.filter(({ sinceS }) => sinceS > this.#finalS - SLIDING_S).map((
      { name, sinceS },
    ) => [name, sinceS]);
    return {
      ...{ step: ++this.#step, finalS: this.#finalS },
      ...{ offsets: Object.fromEntries(known), sinceS: Object.fromEntries(sinceS) },
    };
  }

  /** Windows up to there were told for the last time, by whoever was there before. */
  resume({ step, finalS, sinceS, offsets }: Place): void {
    this.#step = step;
    this.#finalS = this.#resumedS = finalS;
    for (const region of this.#regions.values()) {
      region.sinceS = sinceS[region.name] ?? -Infinity;
      const offset = offsets[region.name];
      region.nextOffset = offset === undefined ? null : BigInt(offset);
    }
  }

  get regions(): readonly Readonly<Pick<Region, "name" | "firedS" | "finalS" | "nextOffset">>[] {
    return [...this.#regions.values()];
  }

  /** Of `openSeconds` everything is in objects. */
  get held(): { seconds: number; openSeconds: number; bytes: number } {
    const { count: seconds, openCount: openSeconds, bytes } = this.#seconds;
    return { seconds, openSeconds, bytes };
  }

  #region(name: string): Region {
    const region = this.#regions.get(name);
    if (!region) throw new Error(`Cannot take a message of ${name}: it is none of the regions`);
    return region;
  }

  #add({ name: region }: Region, { told, contribution, startS }: Exclude<Heard, string>): "window" | "late" {
    const isFinal = startS + 1 <= this.#finalS;
    // Seconds that were final before a restart: sliding windows that were not need them again.
    const isAgain = startS + 1 <= this.#resumedS && startS + SLIDING_S > this.#finalS;
    if (isFinal && !isAgain) return "late";
    const { fleet, zone } = told;
    if (!this.#seconds.put(contribution, { region, fleet, zone, startS })) return "window";
    for (const scope of [ALL_ZONES, zone]) {
      for (let endS = startS + 1; endS <= startS + SLIDING_S; endS++) {
        if (endS <= this.#finalS) continue;
        if (endS === startS + 1) this.#due.add({ kind: "tumbling", fleet, zone: scope, endS });
        this.#due.add({ kind: "sliding", fleet, zone: scope, endS });
      }
    }
    return "window";
  }

  /** @returns whether all of that is told; otherwise as much as could be is, and final up to there */
  #finish(finalS: number, turn: Turn): boolean {
    if (!(finalS > this.#finalS)) return true;
    for (const endS of this.#due.endsUpTo(finalS)) {
      if (!this.#tell(this.#due.finish(endS), { turn, final: true })) return false;
      this.#finalTo(endS);
    }
    this.#finalTo(finalS);
    return true;
  }

  #finalTo(finalS: number): void {
    this.#finalS = finalS;
    this.#seconds.dropBefore(finalS - SLIDING_S + 1);
  }

  #tell(windows: Iterable<WindowAt>, { turn, final }: { turn: Turn; final: boolean }): boolean {
    const parts = { regions: [...this.#regions.values()], seconds: this.#seconds, content: this.#content, final };
    for (const at of windows) {
      if (turn.panesLeft <= 0) return false;
      const { output, panes } = windowOf(at, parts);
      turn.outputs.push(output);
      turn.panesLeft -= panes + WINDOW_PANES;
    }
    return true;
  }
}
