// The windower: assigns records to seconds, fires windows as the watermark passes their ends, revises them for late
// records within the allowed lateness, and lets them expire. Flink's semantics: start inclusive, end exclusive.
import type { Membership } from "./drones.ts";
import { type ContentParts, type ContentSettings, Firing, SLIDING_S, type WindowKind } from "./firing.ts";
import type { Output } from "./outputs.ts";
import type { Pane } from "./pane.ts";
import type { Restorer, SavedRest, SavedSecond } from "./saved.ts";
import { restorePanes } from "./saved_panes.ts";
import { Second } from "./second.ts";
import type { Snapshots } from "./snapshot.ts";
import { CellAreas } from "./tumbling.ts";

export interface WindowsSettings extends ContentSettings {
  allowedLatenessUs: number;
  /** A window is revised at most so often, however many late records come: each revision looks at all of its records. */
  revisionUs: number;
  /** Units of work in one go: see Firing. 500 are less than a millisecond. */
  windowUnits: number;
}

const SECOND_US = 1_000_000;
/** When more windows wait than these, more is done in one go. */
const WAITING_USUAL = 4;

/** All but the panes, which a snapshot reads. */
export type SavedWindows = Pick<SavedRest, "fired" | "windowsWatermarkUs">;

export class Windows {
  readonly #settings: WindowsSettings;
  readonly #content: ContentParts;
  readonly #snapshots: Snapshots;
  readonly #seconds = new Map<number, Second>();
  readonly #fired = new Map<string, Firing>();
  #watermarkUs = -Infinity;
  // The pane found last: records of one drone and second follow one another.
  #lastSecond = NaN;
  #lastMembership: Membership | null = null;
  #lastPane: Pane | null = null;

  constructor(settings: WindowsSettings, snapshots: Snapshots) {
    this.#settings = settings;
    this.#snapshots = snapshots;
    this.#content = { lowCpct: settings.lowCpct, h3Resolution: settings.h3Resolution, areas: new CellAreas() };
  }

  /** By their number. */
  get seconds(): ReadonlyMap<number, Second> {
    return this.#seconds;
  }

  save(): SavedWindows {
    const fired = Array.from(this.#fired, ([key, firing]): SavedWindows["fired"][number] => [key, firing.save()]);
    return { fired, windowsWatermarkUs: this.#watermarkUs };
  }

  restore({ fired, windowsWatermarkUs }: SavedWindows): void {
    for (const [key, firing] of fired) this.#fired.set(key, Firing.restore(firing));
    this.#watermarkUs = windowsWatermarkUs;
  }

  restorePanes({ second, panes }: SavedSecond, restorer: Restorer): void {
    restorePanes(this.#second(second), panes, restorer);
  }

  /** Where a record is to be added; null when its window has expired. */
  pane(membership: Membership, eventTimeUs: number): Pane | null {
    const number = Math.floor(eventTimeUs / SECOND_US);
    if (number === this.#lastSecond && membership === this.#lastMembership) return this.#lastPane;
    const endUs = (number + 1) * SECOND_US;
    if (endUs + this.#settings.allowedLatenessUs <= this.#watermarkUs) return null;
    const second = this.#second(number);
    const pane = second.open(membership);
    this.#snapshots.current?.beforePane(second, pane);
    if (endUs <= this.#watermarkUs) this.#revise(number, membership);
    else {
      this.#lastSecond = number;
      this.#lastMembership = membership;
      this.#lastPane = pane;
    }
    return pane;
  }

  /**
   * Fires what the watermark has passed, revises what late records changed, lets expire what is too old.
   * @param nowUs ingestion time, by which revisions are paced
   */
  advance(watermarkUs: number, nowUs: number): Output[] {
    const outputs: Output[] = [];
    this.#lastSecond = NaN;
    if (watermarkUs > this.#watermarkUs) this.#pass(watermarkUs);
    this.#fire(nowUs, outputs);
    this.#expire(outputs);
    return outputs;
  }

  #second(number: number): Second {
    let second = this.#seconds.get(number);
    if (!second) this.#seconds.set(number, second = new Second());
    return second;
  }

  // What ends up to here is due from now on.
  #pass(watermarkUs: number): void {
    for (const endS of this.#endsBetween(this.#watermarkUs, watermarkUs)) {
      this.#firing("tumbling", endS).demand(this.#scopes(endS - 1, endS), null);
      this.#firing("sliding", endS).demand(this.#scopes(endS - SLIDING_S, endS), null);
    }
    this.#watermarkUs = watermarkUs;
  }

  // Some at a time: with each second end windows that hold ten seconds of a whole fleet, and late records change up to
  // eleven at once; a position that means a conflict should not wait for all of them. What was never shown goes first.
  #fire(nowUs: number, outputs: Output[]): void {
    const { revisionUs, windowUnits } = this.#settings;
    const all = [...this.#fired.values()].filter((firing) => firing.isReady(nowUs, revisionUs));
    const ready = [...all.filter((firing) => firing.isNew), ...all.filter((firing) => !firing.isNew)];
    let units = windowUnits * Math.max(1, Math.ceil(ready.length / WAITING_USUAL));
    for (const firing of ready) {
      if (units <= 0) return;
      units -= firing.advance(this.#seconds, { unitsMax: units, nowUs, revisionUs, content: this.#content, outputs });
    }
  }

  #revise(second: number, membership: Membership): void {
    for (let endS = second + 1; endS <= second + SLIDING_S; endS++) {
      if (endS * SECOND_US > this.#watermarkUs) break;
      if (endS === second + 1) this.#firing("tumbling", endS).demand(membership.scopes, membership);
      this.#firing("sliding", endS).demand(membership.scopes, membership);
    }
  }

  #firing(kind: WindowKind, endS: number): Firing {
    const key = `${kind}/${endS}`;
    let firing = this.#fired.get(key);
    if (!firing) this.#fired.set(key, firing = new Firing(kind, endS));
    return firing;
  }

  /** Ends, in whole seconds, of windows with records that lie in (fromUs, toUs], ascending. */
  #endsBetween(fromUs: number, toUs: number): number[] {
    const ends = new Set<number>();
    for (const second of this.#seconds.keys()) {
      for (let endS = second + 1; endS <= second + SLIDING_S; endS++) {
        if (endS * SECOND_US > fromUs && endS * SECOND_US <= toUs) ends.add(endS);
      }
    }
    return [...ends].sort((a, b) => a - b);
  }

  /** Of all records in these seconds, in order. */
  #scopes(fromS: number, toS: number): string[] {
    const scopes = new Set<string>();
    for (let second = fromS; second < toS; second++) {
      for (const scope of this.#seconds.get(second)?.scopes ?? []) scopes.add(scope);
    }
    return [...scopes].sort();
  }

  #expire(outputs: Output[]): void {
    const expiredUs = this.#watermarkUs - this.#settings.allowedLatenessUs;
    for (const [key, firing] of this.#fired) {
      if (firing.endS * SECOND_US > expiredUs) continue;
      outputs.push(...firing.expire(this.#seconds, this.#content));
      this.#fired.delete(key);
    }
    for (const second of this.#seconds.keys()) {
      if ((second + SLIDING_S) * SECOND_US <= expiredUs) this.#seconds.delete(second);
    }
  }
}
