// Windows of all regions together, from what each has told of its own: as one aggregator that had seen everything would tell them. A
// window comes once all regions have told theirs, or without those that let it wait; again when one has more to say; and for the last
// time when it is final in all of them. No clock, no I/O.
import { ALL_ZONES } from "../outputs.ts";
import { SLIDING_S } from "../pipeline/windows/firing.ts";
import { CellAreas, type ContentParts, type ContentSettings } from "../pipeline/windows/tumbling.ts";
import type { TopicMessage } from "./contribution.ts";
import { Due } from "./due.ts";
import { type GlobalOutput, type WindowAt, windowOf } from "./global_window.ts";
import { type Heard, Region } from "./region.ts";
import { Seconds } from "./seconds.ts";

export interface MergerSettings {
  /** All that are waited for, by name. */
  regions: readonly string[];
  /** For how long a window waits for a region when another has told it. */
  waitMs: number;
  /** Of what regions have told; beyond it the oldest windows are final before all regions say so. */
  bytesMax: number;
  content: ContentSettings;
}

/** Messages by what came of them. */
export type Counts = Record<"window" | Extract<Heard, string>, number>;

/** Where reading goes on after a restart, so that nothing that is not final is missing. */
export interface Place {
  /** Grows from one to the next. */
  step: number;
  /** Windows that end up to here are final. */
  finalS: number;
  /** By region: the first message that is needed. */
  offsets: Record<string, string>;
}

/** A second stays in objects for so long: sliding windows need it ten times. */
const QUIET_S = 2 * SLIDING_S;

export class Merger {
  readonly #settings: MergerSettings;
  readonly #content: ContentParts;
  readonly #regions = new Map<string, Region>();
  readonly #seconds = new Seconds();
  readonly #due: Due;
  #finalS = 0;
  #step = 0;
  readonly counts: Counts = { window: 0, progress: 0, part: 0, late: 0, stranger: 0, unreadable: 0 };

  constructor(settings: MergerSettings) {
    this.#settings = settings;
    this.#content = { settings: settings.content, areas: new CellAreas() };
    this.#due = new Due(settings);
    for (const name of settings.regions) this.#regions.set(name, new Region(name));
  }

  /** @throws {Error} when it is none of the regions */
  take(name: string, message: TopicMessage): void {
    const region = this.#regions.get(name);
    if (!region) throw new Error(`Cannot take a message of ${name}: it is none of the regions`);
    const beforeS = region.firedS;
    const heard = region.hear(message);
    this.counts[typeof heard === "string" ? heard : "window"]++;
    if (typeof heard !== "string") this.#add(region, heard);
    // Windows that did not wait for it are told with it.
    if (region.firedS > beforeS) this.#due.again({ afterS: beforeS, toS: region.firedS });
  }

  /** What there is to tell by now; while what was told before is read again, only what is final. */
  advance(nowMs: number, { isReadingAgain = false } = {}): GlobalOutput[] {
    const all = [...this.#regions.values()];
    const firstS = Math.min(...all.map(({ firedS }) => firedS));
    const lastS = Math.max(...all.map(({ firedS }) => firedS));
    const due = isReadingAgain ? [] : this.#due.take(nowMs, { firstS, lastS });
    const outputs = due.map((at) => this.#window(at, false));
    this.#finish(Math.min(...all.map(({ finalS }) => finalS)), outputs);
    while (this.#seconds.bytes > this.#settings.bytesMax) this.#finish(this.#seconds.oldestS + SLIDING_S, outputs);
    // Of those before, windows become final one after the other: they are needed ten times again.
    this.#seconds.rest({ fromS: this.#finalS, toS: lastS - QUIET_S });
    return outputs;
  }

  takePlace(): Place {
    const first = this.#seconds.firstOffsets();
    const offsets = Array.from(this.#regions.values(), ({ name, restOffset }) => [name, first.get(name) ?? restOffset]);
    const known = offsets.filter(([, offset]) => offset !== null).map(([name, offset]) => [name, `${offset}`]);
    return { step: ++this.#step, finalS: this.#finalS, offsets: Object.fromEntries(known) };
  }

  /** Windows up to there were told for the last time, by whoever was there before. */
  resume({ step, finalS }: Pick<Place, "step" | "finalS">): void {
    this.#step = step;
    this.#finalS = finalS;
  }

  get regions(): readonly Readonly<Pick<Region, "name" | "firedS" | "finalS" | "nextOffset">>[] {
    return [...this.#regions.values()];
  }

  get held(): { seconds: number; bytes: number } {
    return { seconds: this.#seconds.count, bytes: this.#seconds.bytes };
  }

  #add({ name: region }: Region, { told, contribution, startS }: Exclude<Heard, string>): void {
    if (startS + SLIDING_S <= this.#finalS) return;
    const { fleet, zone } = told;
    if (!this.#seconds.put(contribution, { region, fleet, zone, startS })) return;
    for (const scope of [ALL_ZONES, zone]) {
      for (let endS = startS + 1; endS <= startS + SLIDING_S; endS++) {
        if (endS <= this.#finalS) continue;
        if (endS === startS + 1) this.#due.add({ kind: "tumbling", fleet, zone: scope, endS });
        this.#due.add({ kind: "sliding", fleet, zone: scope, endS });
      }
    }
  }

  #finish(finalS: number, outputs: GlobalOutput[]): void {
    if (!(finalS > this.#finalS)) return;
    outputs.push(...this.#due.finish(finalS).map((at) => this.#window(at, true)));
    this.#finalS = finalS;
    this.#seconds.dropBefore(finalS - SLIDING_S + 1);
  }

  #window(at: WindowAt, final: boolean): GlobalOutput {
    return windowOf(at, {
      ...{ regions: [...this.#regions.values()], seconds: this.#seconds },
      content: this.#content,
      final,
    });
  }
}
