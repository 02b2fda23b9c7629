// The windower: assigns records to seconds, fires windows as the watermark passes their ends, revises them for late
// records within the allowed lateness, and lets them expire. Flink's semantics: start inclusive, end exclusive.
import type { Membership } from "./drones.ts";
import type { Output } from "./outputs.ts";
import { Pane } from "./pane.ts";
import type { Restorer, SavedMembership, Saver } from "./saved.ts";
import { slidingContent } from "./sliding.ts";
import { tumblingContent } from "./tumbling.ts";

export interface WindowsSettings {
  allowedLatenessUs: number;
  /** A window is revised at most so often, however many late records come: each revision looks at all of its records. */
  revisionUs: number;
  lowCpct: number;
  h3Resolution: number;
}

const SECOND_US = 1_000_000;
/** Panes that are looked at in one go: a few milliseconds. One of a tumbling window, with its H3 cell, costs as five. */
const PANES_MAX = 2000;
const TUMBLING_PANES = 5;
/** Seconds of a sliding window. */
const SLIDING_S = 10;

type Kind = "tumbling" | "sliding";
type WindowOutput = Extract<Output, { type: Kind }>;

/** The windows of one kind that end at one second: which scopes have fired, and how often. */
interface Firing {
  kind: Kind;
  endS: number;
  /** By scope: what was emitted last. */
  emitted: Map<string, WindowOutput>;
  /** Scopes that have not fired yet, and those that late records have changed since they did. */
  due: Set<string>;
  /** When it was revised last: ingestion time; -Infinity: never. */
  revisedUs: number;
}

export interface SavedWindows {
  seconds: [number, SavedPane[]][];
  fired: [
    string,
    Pick<Firing, "kind" | "endS" | "revisedUs"> & { emitted: [string, WindowOutput][]; due: string[] },
  ][];
  watermarkUs: number;
}

type SavedPane = Omit<Pane, "membership" | "addPosition" | "addCharge" | "latestCell"> & {
  membership: SavedMembership;
};

export class Windows {
  readonly #settings: WindowsSettings;
  readonly #seconds = new Map<number, Map<Membership, Pane>>();
  readonly #fired = new Map<string, Firing>();
  #watermarkUs = -Infinity;
  // The pane found last: records of one drone and second follow one another.
  #lastSecond = NaN;
  #lastMembership: Membership | null = null;
  #lastPane: Pane | null = null;

  constructor(settings: WindowsSettings) {
    this.#settings = settings;
  }

  save(saver: Saver): SavedWindows {
    const pane = (pane: Pane): SavedPane => ({ ...pane, membership: saver.membership(pane.membership) });
    return {
      seconds: Array.from(this.#seconds, ([second, panes]) => [second, Array.from(panes.values(), pane)]),
      fired: Array.from(this.#fired, ([key, { emitted, due, ...firing }]) => {
        return [key, { ...firing, emitted: [...emitted], due: [...due] }];
      }),
      watermarkUs: this.#watermarkUs,
    };
  }

  restore({ seconds, fired, watermarkUs }: SavedWindows, restorer: Restorer): void {
    for (const [second, saved] of seconds) {
      const panes = saved.map(({ membership, ...sums }) => {
        return Object.assign(new Pane(restorer.membership(membership)), sums);
      });
      this.#seconds.set(second, new Map(panes.map((pane) => [pane.membership, pane])));
    }
    for (const [key, { emitted, due, ...firing }] of fired) {
      this.#fired.set(key, { ...firing, emitted: new Map(emitted), due: new Set(due) });
    }
    this.#watermarkUs = watermarkUs;
  }

  /** Where a record is to be added; null when its window has expired. */
  pane(membership: Membership, eventTimeUs: number): Pane | null {
    const second = Math.floor(eventTimeUs / SECOND_US);
    if (second === this.#lastSecond && membership === this.#lastMembership) return this.#lastPane;
    const endUs = (second + 1) * SECOND_US;
    if (endUs + this.#settings.allowedLatenessUs <= this.#watermarkUs) return null;
    let panes = this.#seconds.get(second);
    if (!panes) this.#seconds.set(second, panes = new Map());
    let pane = panes.get(membership);
    if (!pane) panes.set(membership, pane = new Pane(membership));
    if (endUs <= this.#watermarkUs) this.#revise(second, membership);
    else {
      this.#lastSecond = second;
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

  // What ends up to here is due from now on.
  #pass(watermarkUs: number): void {
    for (const endS of this.#endsBetween(this.#watermarkUs, watermarkUs)) {
      for (const kind of ["tumbling", "sliding"] as const) {
        const firing = newFiring(kind, endS);
        firing.due = this.#scopes(firing);
        if (firing.due.size > 0) this.#fired.set(`${kind}/${endS}`, firing);
      }
    }
    this.#watermarkUs = watermarkUs;
  }

  // Some at a time: with each second end windows that hold ten seconds of a whole fleet, and late records change up to
  // eleven at once; a position that means a conflict should not wait for all of them.
  #fire(nowUs: number, outputs: Output[]): void {
    let panes = 0;
    for (const firing of this.#fired.values()) {
      const mayRevise = nowUs - firing.revisedUs >= this.#settings.revisionUs;
      for (const scope of firing.due) {
        if (firing.emitted.has(scope) && !mayRevise) continue;
        if (panes >= PANES_MAX) return;
        if (firing.emitted.has(scope)) firing.revisedUs = nowUs;
        firing.due.delete(scope);
        panes += this.#emit(firing, scope, outputs) * (firing.kind === "tumbling" ? TUMBLING_PANES : 1);
      }
    }
  }

  #revise(second: number, { scopes: [fleet, zone] }: Membership): void {
    for (let endS = second + 1; endS <= second + SLIDING_S; endS++) {
      if (endS * SECOND_US > this.#watermarkUs) break;
      for (const kind of ["tumbling", "sliding"] as const) {
        if (kind === "tumbling" && endS !== second + 1) continue;
        const key = `${kind}/${endS}`;
        let firing = this.#fired.get(key);
        if (!firing) this.#fired.set(key, firing = newFiring(kind, endS));
        firing.due.add(fleet).add(zone);
      }
    }
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

  *#panes({ kind, endS }: Firing): Generator<Pane> {
    const startS = kind === "tumbling" ? endS - 1 : endS - SLIDING_S;
    for (let second = startS; second < endS; second++) {
      const panes = this.#seconds.get(second);
      if (panes) yield* panes.values();
    }
  }

  #scopes(firing: Firing): Set<string> {
    const memberships = new Set<string>();
    for (const { membership: { scopes: [fleet, zone] } } of this.#panes(firing)) memberships.add(fleet).add(zone);
    return new Set([...memberships].sort());
  }

  /** @returns how many panes the window holds */
  #emit(firing: Firing, scope: string, outputs: Output[]): number {
    const panes: Pane[] = [];
    for (const pane of this.#panes(firing)) if (pane.membership.scopes.includes(scope)) panes.push(pane);
    const before = firing.emitted.get(scope);
    const revision = before ? before.window.revision + 1 : 0;
    const output = this.#content(firing, { scope, panes, revision });
    firing.emitted.set(scope, output);
    outputs.push(output);
    return panes.length;
  }

  #content({ kind, endS }: Firing, of: { scope: string; panes: Pane[]; revision: number }): WindowOutput {
    const [fleet, zone] = of.scope.split("\n") as [string, string];
    const endUs = endS * SECOND_US;
    const startUs = endUs - (kind === "tumbling" ? 1 : SLIDING_S) * SECOND_US;
    const bounds = { fleet, zone, startUs, endUs, revision: of.revision, final: false };
    if (kind === "sliding") return { type: kind, window: { ...bounds, ...slidingContent(of.panes) } };
    const { lowCpct, h3Resolution: resolution } = this.#settings;
    return { type: kind, window: { ...bounds, ...tumblingContent(of.panes, { lowCpct, resolution }) } };
  }

  #expire(outputs: Output[]): void {
    const expiredUs = this.#watermarkUs - this.#settings.allowedLatenessUs;
    for (const [key, firing] of this.#fired) {
      if (firing.endS * SECOND_US > expiredUs) continue;
      for (const scope of firing.due) this.#emit(firing, scope, outputs);
      for (const output of firing.emitted.values()) {
        outputs.push({ ...output, window: { ...output.window, final: true } } as WindowOutput);
      }
      this.#fired.delete(key);
    }
    for (const second of this.#seconds.keys()) {
      if ((second + SLIDING_S) * SECOND_US <= expiredUs) this.#seconds.delete(second);
    }
  }
}

function newFiring(kind: Kind, endS: number): Firing {
  return { kind, endS, emitted: new Map(), due: new Set(), revisedUs: -Infinity };
}
