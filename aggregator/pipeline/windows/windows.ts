// The windower: assigns records to seconds, fires windows as the watermark passes their ends, revises them for late
// records within the allowed lateness, and lets them expire. Flink's semantics: start inclusive, end exclusive.
import { SLIDING_S } from "./firing.ts";
import { type Advancing, Firings, type FiringsSettings } from "./firings.ts";
import { endsBetween } from "./ends.ts";
import { forgetIn, type Forgotten } from "./forgetting.ts";
import type { Membership, NumberedMemberships } from "../drones/drone.ts";
import type { Output } from "../../outputs.ts";
import type { Pane } from "./pane.ts";
import { Past, type SavedPast } from "./past.ts";
import { restorePanes } from "./panes_image.ts";
import { type PaneWatch, Second } from "./second.ts";
import type { SavedSecond, SavedWindows } from "./saved_windows.ts";
import { CellAreas, type ContentSettings, type OnTumbling } from "./tumbling.ts";
import { Touches } from "./touches.ts";
import type { PastView } from "../../views.ts";
import { Weights } from "./weights.ts";

export interface WindowsSettings extends ContentSettings, FiringsSettings {
  /** Wall time closes what event time does not: see Watermark. */
  outOfOrdernessUs: number;
  edgeIdleUs: number;
  allowedLatenessUs: number;
  /** Memory for seconds that are over: when it is used up, the oldest expire before the allowed lateness. */
  pastBytesMax: number;
}

const SECOND_US = 1_000_000;
/** Nobody has touched them for so long, in event time: they are frozen. */
const QUIET_S = 2 * SLIDING_S;
const OLD_EFFORT = 8;
/** Panes of seconds that were frozen and are not now: with more of them those that were touched longest ago are frozen again. */
const THAWED_PANES_MAX = 32_768;

/** How far windows of one second are: those that end up to here, Unix µs; 0: none. */
export interface WindowsBefore {
  finalUs: number;
  /** They have fired. Goes back when late records are the first of a zone. */
  firedUs: number;
}

export class Windows {
  readonly #settings: WindowsSettings;
  readonly #watch: PaneWatch;
  readonly #seconds = new Map<number, Second>();
  readonly #past = new Past();
  readonly #weights = new Weights();
  readonly #firings: Firings;
  readonly #touches = new Touches();
  /** Seconds ahead of the watermark with records that were taken as measured on arrival: wall time closes them. */
  readonly #byWall = new Set<number>();
  #watermarkUs = -Infinity;
  /** Windows that end up to here have expired. */
  #expiredS = -Infinity;
  /** The pane found last: records of one drone and second follow one another. */
  #lastSecond = NaN;
  #lastMembership: Membership | null = null;
  #lastPane: Pane | null = null;

  constructor(settings: WindowsSettings, watch: PaneWatch, { onTumbling }: { onTumbling?: OnTumbling } = {}) {
    this.#settings = settings;
    this.#watch = watch;
    const seconds = { get: (number: number) => this.#get(number) };
    const content = { settings, areas: new CellAreas(), onTumbling };
    // By age, frozen or not: what is emitted when must not depend on that.
    const effort = (number: number) => number + QUIET_S < this.#watermarkUs / SECOND_US ? OLD_EFFORT : 1;
    this.#firings = new Firings(settings, { seconds, content, past: this.#past, effort });
  }

  /** Those that are not frozen, by their number. */
  get seconds(): ReadonlyMap<number, Second> {
    return this.#seconds;
  }

  get past(): Pick<Past, "seconds" | "firings"> {
    return this.#past;
  }

  get view(): PastView {
    return { seconds: this.#seconds.size + this.#past.seconds.size, bytes: this.#weights.bytes };
  }

  /** Windows that end up to here are final, Unix µs; 0: none is. */
  get finalBeforeUs(): number {
    return Math.max(0, this.#expiredS) * SECOND_US;
  }

  get before(): WindowsBefore {
    const firedS = Math.min(Math.floor(this.#watermarkUs / SECOND_US), this.#firings.unshownS - 1);
    return { finalUs: this.finalBeforeUs, firedUs: Math.max(0, firedS) * SECOND_US };
  }

  save(): SavedWindows {
    const [windowsWatermarkUs, expiredS, byWall] = [this.#watermarkUs, this.#expiredS, [...this.#byWall]];
    return { firings: this.#firings.save(), windowsWatermarkUs, expiredS, byWall, forgetting: this.#past.forgetting };
  }

  restore({ firings, windowsWatermarkUs, expiredS, byWall, forgetting }: SavedWindows): void {
    this.#firings.restore(firings);
    this.#past.forgetLater(forgetting);
    this.#watermarkUs = windowsWatermarkUs;
    this.#expiredS = expiredS;
    for (const second of byWall) this.#byWall.add(second);
  }

  restorePanes({ second, panes }: SavedSecond, numbered: Pick<NumberedMemberships, "membership">): void {
    const memberships = Array.from(panes.memberships, (number) => numbered.membership(number));
    for (const membership of memberships) this.#weights.add(second, membership);
    restorePanes(this.#second(second), memberships, panes);
  }

  restorePast(saved: SavedPast, numbered: Pick<NumberedMemberships, "membership">): void {
    this.#past.restore(saved, numbered);
    for (const { second, memberships } of saved.seconds) {
      for (const number of memberships) this.#weights.add(second, numbered.membership(number));
    }
  }

  /** Where a record is to be added, measured then, or `onArrival`; null when its window has expired. */
  pane(membership: Membership, eventTimeUs: number, onArrival: boolean): Pane | null {
    const number = Math.floor(eventTimeUs / SECOND_US);
    if (number === this.#lastSecond && membership === this.#lastMembership) return this.#lastPane;
    if (number + 1 <= this.#expiredS) return null;
    const second = this.#second(number);
    const before = second.panes.length;
    const pane = second.open(membership);
    if (second.panes.length > before) this.#weights.add(number, membership);
    this.#past.giveUp(number);
    this.#watch.beforePane(second, pane);
    this.#firings.touch(number, membership);
    if ((number + 1) * SECOND_US <= this.#watermarkUs) this.#revise(number, membership);
    else {
      if (onArrival) this.#byWall.add(number);
      this.#lastSecond = number;
      this.#lastMembership = membership;
      this.#lastPane = pane;
    }
    return pane;
  }

  /** Fires what the watermark has passed, revises what late records changed, lets expire what is too old. */
  advance(watermarkUs: number, advancing: Advancing): Output[] {
    const outputs: Output[] = [];
    this.#lastSecond = NaN;
    const beforeS = Math.floor(this.#watermarkUs / SECOND_US);
    if (watermarkUs > this.#watermarkUs) this.#pass(watermarkUs);
    if (this.#byWall.size > 0) this.#closeByWall(advancing.nowUs);
    this.#firings.advance(advancing, outputs);
    const reachedS = Math.floor(this.#watermarkUs / SECOND_US);
    const latenessS = Math.ceil(this.#settings.allowedLatenessUs / SECOND_US);
    if (reachedS > beforeS) this.#expireTo(reachedS - latenessS, advancing, outputs);
    this.#freezeSome();
    const oldestS = this.#weights.bytes > this.#settings.pastBytesMax ? this.#weights.oldest : Infinity;
    if (oldestS + SLIDING_S <= reachedS) this.#expireTo(oldestS + SLIDING_S, advancing, outputs);
    return outputs;
  }

  /** Some of what is over still holds where drones were that are to be forgotten. */
  get isForgetting(): boolean {
    return this.#past.forgetting.length > 0;
  }

  forget(drone: Forgotten): void {
    this.#lastSecond = NaN;
    forgetIn({ seconds: this.#seconds, past: this.#past, firings: this.#firings }, drone);
  }

  /** An edge that was missing has delivered what it held back: windows that lacked it are emitted once more. */
  edgeReturned(edgeId: string): void {
    this.#firings.edgeReturned(edgeId);
  }

  /**
   * Our clock was set back: windows that have not begun are not over. Those that hold records are due, or they would wait until
   * time has come there again.
   */
  rewind(watermarkUs: number): void {
    const latestS = Math.max(-Infinity, ...this.#seconds.keys());
    if ((latestS + 1) * SECOND_US > this.#watermarkUs) this.#pass((latestS + 1) * SECOND_US);
    this.#watermarkUs = Math.min(this.#watermarkUs, watermarkUs);
    this.#expiredS = Math.min(this.#expiredS, Math.floor(watermarkUs / SECOND_US));
  }

  /** A second that is read or changed: thawed if need be. */
  #get(number: number): Second | undefined {
    let second = this.#seconds.get(number);
    if (!second) {
      second = this.#past.takeSecond(number);
      if (second) this.#seconds.set(number, second);
    }
    if (second) this.#touches.touch(number, Math.floor(this.#watermarkUs / SECOND_US));
    return second;
  }

  #second(number: number): Second {
    let second = this.#get(number);
    if (!second) {
      this.#seconds.set(number, second = new Second());
      this.#get(number);
    }
    return second;
  }

  // What ends up to here is due from now on.
  #pass(watermarkUs: number): void {
    const [fromS, toS] = [Math.floor(this.#watermarkUs / SECOND_US), Math.floor(watermarkUs / SECOND_US)];
    const seconds = [...this.#seconds.keys(), ...this.#past.seconds.keys()];
    for (const endS of endsBetween(seconds, { fromS, toS })) this.#end(endS);
    this.#watermarkUs = watermarkUs;
  }

  #end(endS: number): void {
    this.#firings.demand({ kind: "tumbling", endS }, this.#scopes(endS - 1, endS));
    this.#firings.demand({ kind: "sliding", endS }, this.#scopes(endS - SLIDING_S, endS));
  }

  // Event time may be far from there: of drones that are all behind, beside those whose clocks were never set.
  #closeByWall(nowUs: number): void {
    const { outOfOrdernessUs, edgeIdleUs } = this.#settings;
    for (const second of this.#byWall) {
      const endUs = (second + 1) * SECOND_US;
      if (endUs > Math.max(this.#watermarkUs, nowUs - outOfOrdernessUs - edgeIdleUs)) continue;
      this.#byWall.delete(second);
      if (endUs > this.#watermarkUs) this.#end(second + 1);
    }
  }

  #revise(second: number, membership: Membership): void {
    for (let endS = second + 1; endS <= second + SLIDING_S; endS++) {
      if (endS * SECOND_US > this.#watermarkUs || endS <= this.#expiredS) continue;
      if (endS === second + 1) this.#firings.demand({ kind: "tumbling", endS }, membership.scopes);
      this.#firings.demand({ kind: "sliding", endS }, membership.scopes);
    }
  }

  /** Of all records in these seconds, in order. */
  #scopes(fromS: number, toS: number): string[] {
    const scopes = new Set<string>();
    for (let second = fromS; second < toS; second++) {
      for (const scope of this.#get(second)?.scopes ?? []) scopes.add(scope);
    }
    return [...scopes].sort();
  }

  #expireTo(expiredS: number, advancing: Advancing, outputs: Output[]): void {
    if (expiredS <= this.#expiredS) return;
    this.#firings.expireTo(expiredS, advancing, outputs);
    this.#expiredS = expiredS;
    for (const number of [...this.#seconds.keys(), ...this.#past.seconds.keys()]) {
      if (number + SLIDING_S > expiredS) continue;
      this.#past.dropSecond(number);
      this.#past.giveUp(number);
      this.#weights.drop(number);
      this.#drop(number);
    }
  }

  // One block of one second with each arrival; a second is not read while windows that hold it are being computed.
  #freezeSome(): void {
    this.#past.forgetSome();
    const done = this.#past.advance();
    if (done !== null) this.#drop(done);
    if (!this.#past.isFreezing) this.#freezeNext();
    this.#freezeThawed();
  }

  // However many late records come, of whatever times.
  #freezeThawed(): void {
    if (this.#seconds.size <= 2 * QUIET_S) return;
    const nowS = Math.floor(this.#watermarkUs / SECOND_US);
    const old = [...this.#seconds.keys()].filter((number) => number + QUIET_S < nowS);
    old.sort((a, b) => this.#touches.orderOf(a) - this.#touches.orderOf(b));
    let panes = old.reduce((sum, number) => sum + (this.#seconds.get(number)?.panes.length ?? 0), 0);
    for (const number of old) {
      const second = this.#seconds.get(number);
      if (panes <= THAWED_PANES_MAX || !second) return;
      panes -= second.panes.length;
      this.#past.freezeSecond(number, second);
      this.#drop(number);
    }
  }

  /** It is frozen, or over. */
  #drop(number: number): void {
    this.#seconds.delete(number);
    this.#touches.forget(number);
  }

  #freezeNext(): void {
    const nowS = Math.floor(this.#watermarkUs / SECOND_US);
    for (const [number, second] of this.#seconds) {
      if (number + QUIET_S >= nowS || nowS - this.#touches.reachedS(number) < SLIDING_S) continue;
      this.#past.begin(number, second);
      return;
    }
    this.#firings.freezeOne(nowS - QUIET_S);
  }
}
