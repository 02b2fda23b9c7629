// The windows of one kind that end at one second. A round looks at their panes a few at a time, then emits: a fleet's
// ten seconds are too much for one go. What a round has gathered is only a shortcut, and not part of the state: how far
// it has come is, so that a restart changes nothing.
//
//   demand(scopes) ──▶ due ──── ready: a scope is new, or a revision may follow the last one
//                       │
//     look   second:  s-10 … s-2 s-1 │  each pane once, `unitsMax` at a time; a record that comes
//                     ▒▒▒▒▒▒░░░░░░░░ │  meanwhile, late or not, makes its drone stale:
//                           ▲ round  │  it is gathered again from its panes
//     emit   due scopes, one after the other; none twice in a round. What is demanded
//            meanwhile stays due, for the next one
//                       │
//     expire ───────────┴──▶ what is still due, then all that was emitted, as final
import type { Membership } from "../drones/drone.ts";
import type { Output } from "../../outputs.ts";
import type { Pane } from "./pane.ts";
import { scopeOf } from "../drones/scope.ts";
import type { Second } from "./second.ts";
import { DroneSpan, slidingContent } from "./sliding.ts";
import { type ContentParts, prepareDensity, tumblingContent } from "./tumbling.ts";

/** Of one second, or of ten. */
export type WindowKind = "tumbling" | "sliding";
/** A window as the pipeline gives it out. */
export type WindowOutput = Extract<Output, { type: WindowKind }>;

/** Where a Firing finds the panes of a second, by its number. */
export interface Seconds {
  get: (second: number) => Second | undefined;
}

/** A Firing as plain values. */
export interface SavedFiring {
  kind: WindowKind;
  endS: number;
  revisedUs: number;
  emitted: [string, WindowOutput][];
  due: string[];
  round: Round | null;
}

interface Round {
  /** The pane that is looked at next. */
  second: number;
  offset: number;
  /** Late records are shown too, not only scopes for the first time. */
  revises: boolean;
  /** Scopes that it has emitted: none twice. */
  emitted: string[];
}

/** Seconds of a sliding window. */
export const SLIDING_S = 10;
const SECOND_US = 1_000_000;
/** Units of work: adding a pane to a span is one, finding its H3 cell as many as these, and a drone of what is emitted. */
const TUMBLING_UNITS = 5;
const EMIT_UNITS = 2;

/** How far a Firing may go, and where its results go. */
export interface Advance {
  unitsMax: number;
  nowUs: number;
  /** µs between two revisions. */
  revisionUs: number;
  content: ContentParts;
  /** How much harder the panes of a second are to come by than those of one that has just passed. */
  effort: (second: number) => number;
  /** Edges whose records before a time may still come. */
  missing: (endUs: number) => string[];
  /** Where what is emitted goes. */
  outputs: Output[];
}

/** The windows of all scopes, of one kind, that end at one second. */
export class Firing {
  readonly kind: WindowKind;
  readonly endS: number;
  /** By scope: what was emitted last. */
  readonly emitted = new Map<string, WindowOutput>();
  /** Scopes that have not fired yet, and those that late records have changed since they did. */
  readonly #due = new Set<string>();
  /** When it was revised last: ingestion time. */
  #revisedUs = -Infinity;
  #round: Round | null = null;
  /** What this round has gathered; null when it began in an earlier process. */
  #spans: Map<Membership, DroneSpan> | null = null;
  /** Of those, which records have changed since. */
  readonly #stale = new Set<Membership>();

  constructor(kind: WindowKind, endS: number) {
    this.kind = kind;
    this.endS = endS;
  }

  static restore({ kind, endS, revisedUs, emitted, due, round }: SavedFiring): Firing {
    const firing = new Firing(kind, endS);
    for (const [scope, output] of emitted) firing.emitted.set(scope, output);
    for (const scope of due) firing.#due.add(scope);
    firing.#revisedUs = revisedUs;
    firing.#round = round && { ...round, emitted: [...round.emitted] };
    return firing;
  }

  save(): SavedFiring {
    const { kind, endS, emitted } = this;
    const round = this.#round && { ...this.#round, emitted: [...this.#round.emitted] };
    return { kind, endS, revisedUs: this.#revisedUs, emitted: [...emitted], due: [...this.#due], round };
  }

  /** These scopes are to be emitted: for the first time, or again because a late record changed them. */
  demand(scopes: Iterable<string>): void {
    for (const scope of scopes) this.#due.add(scope);
  }

  /** A record is added to a pane of this second: what a round has gathered of it no longer holds. */
  touch(second: number, membership: Membership): void {
    if (this.#spans && second >= this.#startS && second < this.endS) this.#stale.add(membership);
  }

  /** What it has emitted names a drone no more, and what it has gathered of it is gathered anew. */
  forget(
    { droneIds, name, memberships }: { droneIds: readonly string[]; name: string; memberships: Iterable<Membership> },
  ): void {
    for (const [scope, output] of this.emitted) {
      if (droneIds.includes(worstOf(output) ?? "")) this.emitted.set(scope, withWorst(output, name));
    }
    for (const membership of memberships) if (this.#spans?.has(membership)) this.#stale.add(membership);
  }

  /** Something was never emitted. */
  get isNew(): boolean {
    return ![...this.#due].every((scope) => this.emitted.has(scope));
  }

  /** A round has begun, and is not done. */
  get isUnderWay(): boolean {
    return this.#round !== null;
  }

  /** A round is under way, or something is due. */
  get isBusy(): boolean {
    return this.isUnderWay || this.#due.size > 0;
  }

  /** Edges that one of the windows lacked when it was emitted last. */
  get missing(): string[] {
    return [...new Set([...this.emitted.values()].flatMap(({ window }) => window.missingEdges))];
  }

  /** A round is under way, or something is due and may be emitted now. */
  isReady(nowUs: number, revisionUs: number): boolean {
    if (this.#round) return true;
    if (this.#due.size === 0) return false;
    return this.#mayRevise(nowUs, revisionUs) || this.isNew;
  }

  /**
   * Goes on with the round, or begins one: looks at panes, then emits.
   * @returns units of work done: `unitsMax`, and what one pane or one scope needs beyond it
   */
  advance(seconds: Seconds, { unitsMax, nowUs, revisionUs, content, effort, missing, outputs }: Advance): number {
    const round = this.#round ??= this.#begin(this.#mayRevise(nowUs, revisionUs));
    let units = this.#look(round, { seconds, unitsMax, content, effort });
    if (round.second < this.endS) return units;
    for (const scope of this.#due) {
      const isRevision = this.emitted.has(scope);
      if (isRevision && (!round.revises || round.emitted.includes(scope))) continue;
      if (units >= unitsMax) return units;
      if (isRevision) this.#revisedUs = nowUs;
      round.emitted.push(scope);
      this.#due.delete(scope);
      const { output, drones } = this.#emit(scope, seconds, { content, missing });
      outputs.push(output);
      units += EMIT_UNITS * drones;
    }
    this.#round = this.#spans = null;
    this.#stale.clear();
    return units;
  }

  /** For the last time: what is still due, then everything as final. */
  expire(seconds: Seconds, parts: Pick<Advance, "content" | "missing">): WindowOutput[] {
    const last = Array.from(this.#due, (scope) => this.#emit(scope, seconds, parts).output);
    const missingEdges = parts.missing(this.endS * SECOND_US);
    const completeness = { missingEdges, complete: missingEdges.length === 0 };
    const finals = Array.from(this.emitted.values(), (output) => {
      return { ...output, window: { ...output.window, ...completeness, final: true } } as WindowOutput;
    });
    return [...last, ...finals];
  }

  // Our clock may have been set back since.
  #mayRevise(nowUs: number, revisionUs: number): boolean {
    return nowUs < this.#revisedUs || nowUs - this.#revisedUs >= revisionUs;
  }

  get #startS(): number {
    return this.kind === "tumbling" ? this.endS - 1 : this.endS - SLIDING_S;
  }

  #begin(revises: boolean): Round {
    this.#spans = new Map();
    return { second: this.#startS, offset: 0, revises, emitted: [] };
  }

  #look(
    round: Round,
    { seconds, unitsMax, content, effort }: Pick<Advance, "unitsMax" | "content" | "effort"> & { seconds: Seconds },
  ) {
    let units = 0;
    for (; round.second < this.endS; round.second++, round.offset = 0) {
      const panes = seconds.get(round.second)?.panes ?? [];
      for (; round.offset < panes.length; round.offset++) {
        if (units >= unitsMax) return units;
        const pane = panes[round.offset]!;
        if (this.kind === "tumbling") prepareDensity(pane, content);
        else this.#gather(pane);
        units += (this.kind === "tumbling" ? TUMBLING_UNITS : 1) * effort(round.second);
      }
    }
    return units;
  }

  #gather(pane: Pane): void {
    const spans = this.#spans;
    if (!spans) return;
    let span = spans.get(pane.membership);
    if (!span) spans.set(pane.membership, span = new DroneSpan());
    span.add(pane);
  }

  #emit(
    scope: string,
    seconds: Seconds,
    { content, missing }: Pick<Advance, "content" | "missing">,
  ): { output: WindowOutput; drones: number } {
    const { fleet, zone } = scopeOf(scope);
    const missingEdges = missing(this.endS * SECOND_US);
    const revision = (this.emitted.get(scope)?.window.revision ?? -1) + 1;
    const [startUs, endUs] = [this.#startS * SECOND_US, this.endS * SECOND_US];
    const completeness = { missingEdges, complete: missingEdges.length === 0 };
    const bounds = { fleet, zone, startUs, endUs, revision, final: false, ...completeness };
    const emit = (output: WindowOutput, drones: number) => {
      this.emitted.set(scope, output);
      return { output, drones };
    };
    if (this.kind === "sliding") {
      const spans = [...this.#spansOf(scope, seconds)];
      return emit({ type: "sliding", window: { ...bounds, ...slidingContent(spans) } }, spans.length);
    }
    const panes = [...this.#panesOf(scope, seconds)];
    const window = { ...bounds, ...tumblingContent(panes, content) };
    content.onTumbling?.(window, panes);
    return emit({ type: "tumbling", window }, panes.length);
  }

  *#panesOf(scope: string, seconds: Seconds): Generator<Pane> {
    for (const pane of seconds.get(this.#startS)?.panes ?? []) {
      if (pane.membership.scopes.includes(scope)) yield pane;
    }
  }

  *#spansOf(scope: string, seconds: Seconds): Generator<[string, DroneSpan]> {
    const whole = this.#round?.second === this.endS ? this.#spans : null;
    for (const membership of whole ? new Set([...whole.keys(), ...this.#stale]) : this.#memberships(seconds)) {
      if (!membership.scopes.includes(scope)) continue;
      const span = this.#stale.has(membership) ? undefined : whole?.get(membership);
      yield [membership.drone.droneId, span ?? this.#spanOf(membership, seconds)];
    }
  }

  #memberships(seconds: Seconds): Set<Membership> {
    const memberships = new Set<Membership>();
    for (let second = this.#startS; second < this.endS; second++) {
      for (const { membership } of seconds.get(second)?.panes ?? []) memberships.add(membership);
    }
    return memberships;
  }

  #spanOf(membership: Membership, seconds: Seconds): DroneSpan {
    const span = new DroneSpan();
    for (let second = this.#startS; second < this.endS; second++) {
      const pane = seconds.get(second)?.get(membership);
      if (pane) span.add(pane);
    }
    return span;
  }
}

/** The drone of a window whose sensor drifts most; null: it names none. */
export function worstOf(output: WindowOutput): string | null {
  return output.type === "sliding" ? output.window.drift?.worstDroneId ?? null : null;
}

/** The same window with another name in that place. */
export function withWorst(output: WindowOutput, worstDroneId: string): WindowOutput {
  if (output.type !== "sliding" || output.window.drift === null) return output;
  return { ...output, window: { ...output.window, drift: { ...output.window.drift, worstDroneId } } };
}
