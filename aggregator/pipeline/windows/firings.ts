// All windows that have fired, or are about to: which of them have something to do, what is done in one go, and which are frozen.
import { Firing, type SavedFiring, type Seconds, type WindowKind } from "./firing.ts";
import type { Membership } from "../drones/drone.ts";
import type { Output } from "../../outputs.ts";
import type { Past } from "./past.ts";
import type { ContentParts } from "./tumbling.ts";

export interface FiringsSettings {
  /** A window is revised at most so often, however many late records come: each revision looks at all of its records. */
  revisionUs: number;
  /** Units of work in one go: see Firing. 500 are less than a millisecond. */
  windowUnits: number;
}

/** What advancing needs to know: ingestion time, by which revisions are paced, and who was missing at a window's end. */
export interface Advancing {
  nowUs: number;
  missing: (endUs: number) => string[];
}

/** What all windows are computed from, and where they go. */
export interface FiringsParts {
  seconds: Seconds;
  content: ContentParts;
  past: Past;
  effort: (second: number) => number;
}

/** When more windows wait than these, more is done in one go, up to so many times as much. */
const WAITING_USUAL = 4;
const HASTE_MAX = 32;
/** However many wait to be revised, they count as so many at most: nobody is in a hurry for them. */
const REVISIONS_USUAL = 16;

/** Firings as plain values. */
export interface SavedFirings {
  fired: [string, SavedFiring][];
  waiting: string[];
}

export class Firings {
  readonly #settings: FiringsSettings;
  readonly #parts: FiringsParts;
  readonly #live = new Map<string, Firing>();
  /** Of those, the ones with something to do: for the first time, and again. */
  readonly #fresh = new Set<Firing>();
  readonly #stale = new Set<Firing>();
  /** Of those, the ones whose round has begun: hardly ever more than two. */
  readonly #underWay = new Set<Firing>();

  constructor(settings: FiringsSettings, parts: FiringsParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  /** Those that are not frozen; and the ones with something to do, in the order in which it will be done. */
  save(): SavedFirings {
    const fired = Array.from(this.#live, ([key, firing]): [string, SavedFiring] => [key, firing.save()]);
    return { fired, waiting: [...this.#fresh, ...this.#stale].map(keyOf) };
  }

  restore({ fired, waiting }: SavedFirings): void {
    for (const [key, saved] of fired) this.#live.set(key, Firing.restore(saved));
    for (const key of waiting) this.#note(this.#live.get(key)!);
  }

  /** These scopes of a window are to be emitted: for the first time, or because of a late record. */
  demand(window: { kind: WindowKind; endS: number }, scopes: Iterable<string>): void {
    const key = keyOf(window);
    let firing = this.#find(key);
    if (!firing) this.#live.set(key, firing = new Firing(window.kind, window.endS));
    firing.demand(scopes);
    this.#note(firing);
  }

  /** A record is added: also one that is on time may be of a window that is being computed, by wall time or before our clock was set. */
  touch(second: number, membership: Membership): void {
    for (const firing of this.#underWay) firing.touch(second, membership);
  }

  /** Windows that lacked this edge are to be emitted once more. */
  edgeReturned(edgeId: string): void {
    // In an order that does not depend on which of them are frozen.
    const keys = [...this.#parts.past.firings, ...this.#live].flatMap(([key, { missing }]) => {
      return missing.includes(edgeId) ? [key] : [];
    });
    for (const key of keys.sort()) {
      const firing = this.#find(key);
      if (!firing) continue;
      firing.demand(firing.emitted.keys());
      this.#note(firing);
    }
  }

  /** Where the first window of one second ends that was never shown, though it is due; Infinity: there is none. */
  get unshownS(): number {
    const ends = Array.from(this.#fresh, ({ kind, endS }) => kind === "tumbling" ? endS : Infinity);
    return Math.min(Infinity, ...ends);
  }

  /** See Firing; those that are frozen are of the past. */
  forget(drone: Parameters<Firing["forget"]>[0]): void {
    for (const firing of this.#live.values()) firing.forget(drone);
  }

  // Some at a time: with each second end windows that hold ten seconds of a whole fleet, and late records change up to
  // eleven at once; a position that means a conflict should not wait for all of them.
  /** Does some of what there is to do; what was never shown goes first. */
  advance({ nowUs, missing }: Advancing, outputs: Output[]): void {
    const { revisionUs, windowUnits } = this.#settings;
    const { seconds, content } = this.#parts;
    const waiting = this.#fresh.size + Math.min(REVISIONS_USUAL, this.#stale.size);
    let units = windowUnits * Math.min(HASTE_MAX, Math.max(1, Math.ceil(waiting / WAITING_USUAL)));
    for (const firings of [this.#fresh, this.#stale]) {
      for (const firing of firings) {
        if (units <= 0) return;
        if (!firing.isReady(nowUs, revisionUs)) continue;
        const effort = { effort: this.#parts.effort, content };
        units -= firing.advance(seconds, { unitsMax: units, nowUs, revisionUs, ...effort, missing, outputs });
        this.#note(firing);
      }
    }
  }

  /** Windows that end up to here are emitted for the last time. */
  expireTo(expiredS: number, { missing }: Advancing, outputs: Output[]): void {
    const { seconds, content, past } = this.#parts;
    const ended = [...this.#live.keys(), ...past.firings.keys()]
      .map((key) => ({ key, endS: Number(key.slice(key.indexOf("/") + 1)) }))
      .filter(({ endS }) => endS <= expiredS)
      .sort((a, b) => a.endS - b.endS || (a.key < b.key ? 1 : -1));
    for (const { key } of ended) {
      const firing = this.#find(key);
      if (!firing) continue;
      outputs.push(...firing.expire(seconds, { content, missing }));
      this.#live.delete(key);
      this.#fresh.delete(firing);
      this.#stale.delete(firing);
      this.#underWay.delete(firing);
    }
  }

  /** Freezes one that ended before and has nothing to do. */
  freezeOne(beforeS: number): void {
    for (const [key, firing] of this.#live) {
      if (firing.isBusy || firing.endS >= beforeS) continue;
      this.#parts.past.freezeFiring(key, firing);
      this.#live.delete(key);
      return;
    }
  }

  #find(key: string): Firing | undefined {
    let firing = this.#live.get(key);
    if (!firing) {
      firing = this.#parts.past.takeFiring(key);
      if (firing) this.#live.set(key, firing);
    }
    return firing;
  }

  #note(firing: Firing): void {
    const isFresh = firing.isBusy && firing.isNew;
    if (isFresh) this.#fresh.add(firing);
    else this.#fresh.delete(firing);
    if (firing.isBusy && !isFresh) this.#stale.add(firing);
    else this.#stale.delete(firing);
    if (firing.isUnderWay) this.#underWay.add(firing);
    else this.#underWay.delete(firing);
  }
}

function keyOf({ kind, endS }: Pick<Firing, "kind" | "endS">): string {
  return `${kind}/${endS}`;
}
