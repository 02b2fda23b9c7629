// The seconds and windows that are over and can still be revised: frozen, a block at a time, once nobody has touched them for a
// while, and thawed when a late record comes. Whether they are frozen changes nothing but memory and time.
import { freeze, thaw } from "./frozen.ts";
import { Firing, type SavedFiring, withWorst, worstOf } from "./firing.ts";
import type { Membership, NumberedMemberships } from "../drones/drone.ts";
import { forgetPlaces, type PaneColumns, PanesImage, restorePanes } from "./panes_image.ts";
import { Second } from "./second.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** More seconds and windows that are frozen; memberships by number. */
export interface SavedPast {
  type: "past";
  seconds: { second: number; memberships: Uint32Array<ArrayBuffer>; blocks: Bytes[] }[];
  firings: [key: string, firing: FrozenFiring][];
}

/** A second's panes; `blocks` hold BLOCK_PANES of them each, as PaneColumns. */
export interface FrozenSecond {
  memberships: readonly Membership[];
  blocks: Bytes[];
}

/** The windows of one kind and end, as a SavedFiring that names no drone. */
export interface FrozenFiring {
  bytes: Bytes;
  /** By scope: the drone whose sensor drifts most. */
  worst: [scope: string, droneId: string][];
  /** Edges that one of them lacked. */
  missing: string[];
}

/** In one go at most: less than a millisecond. */
const BLOCK_PANES = 512;
/** Seconds that forget a drone in one go: unpacking and packing one of 500 drones takes some 0.4 ms. */
const FORGETTING_SECONDS = 4;

/** What was frozen, by number of the second and by key of the windows. */
export class Past {
  readonly #seconds = new Map<number, FrozenSecond>();
  readonly #firings = new Map<string, FrozenFiring>();
  /** Seconds that still hold where forgotten drones were. */
  readonly #forgetting = new Set<number>();
  /** The second that is being frozen: it is not here yet. */
  #next: { number: number; second: Second; image: PanesImage; blocks: Bytes[] } | null = null;

  get seconds(): ReadonlyMap<number, FrozenSecond> {
    return this.#seconds;
  }

  get firings(): ReadonlyMap<string, FrozenFiring> {
    return this.#firings;
  }

  get isFreezing(): boolean {
    return this.#next !== null;
  }

  /** Begins with a second that nothing changes until it is done. */
  begin(number: number, second: Second): void {
    this.#next = { number, second, image: new PanesImage(second.panes), blocks: [] };
  }

  /** It has changed: it is not frozen. */
  giveUp(number: number): void {
    if (this.#next?.number === number) this.#next = null;
  }

  /** Freezes another block. @returns the second that is done: it is here now */
  advance(): number | null {
    const next = this.#next;
    if (!next) return null;
    const { number, second: { panes }, image, blocks } = next;
    const from = blocks.length * BLOCK_PANES;
    if (from < panes.length) blocks.push(freeze(image.columns(from, Math.min(panes.length, from + BLOCK_PANES))));
    if (blocks.length * BLOCK_PANES < panes.length) return null;
    this.putSecond(number, { memberships: panes.map(({ membership }) => membership), blocks });
    this.#next = null;
    return number;
  }

  /** All of it at once: there are too many that are not frozen. */
  freezeSecond(number: number, second: Second): void {
    this.giveUp(number);
    const next = this.#next;
    this.begin(number, second);
    while (this.advance() === null);
    this.#next = next;
  }

  restore({ seconds, firings }: SavedPast, numbered: Pick<NumberedMemberships, "membership">): void {
    for (const [key, frozen] of firings) this.putFiring(key, frozen);
    for (const { second, memberships, blocks } of seconds) {
      const named = Array.from(memberships, (number) => numbered.membership(number));
      this.putSecond(second, { memberships: named, blocks });
    }
  }

  putSecond(number: number, frozen: FrozenSecond): void {
    this.#seconds.set(number, frozen);
  }

  putFiring(key: string, frozen: FrozenFiring): void {
    this.#firings.set(key, frozen);
  }

  freezeFiring(key: string, firing: Firing): void {
    const { emitted: named, ...rest } = firing.save();
    const worst: FrozenFiring["worst"] = [];
    const emitted = named.map(([scope, output]) => {
      const droneId = worstOf(output);
      if (droneId !== null) worst.push([scope, droneId]);
      return [scope, withWorst(output, "")];
    });
    this.putFiring(key, { bytes: freeze({ ...rest, emitted }), worst, missing: firing.missing });
  }

  /** Seconds that still hold where forgotten drones were, in the order in which they will forget it. */
  get forgetting(): number[] {
    return [...this.#forgetting];
  }

  /** They hold where forgotten drones were. */
  forgetLater(seconds: Iterable<number>): void {
    for (const number of seconds) this.#forgetting.add(number);
  }

  /** Windows name these drones no more, and seconds will forget where they were; `isForgotten` is asked of each membership. */
  forget(
    isForgotten: (membership: Membership) => boolean,
    { droneIds, name }: { droneIds: readonly string[]; name: string },
  ): void {
    for (const [number, { memberships }] of this.#seconds) {
      if (memberships.filter(isForgotten).length > 0) this.#forgetting.add(number);
    }
    for (const { worst } of this.#firings.values()) {
      for (const named of worst) if (droneIds.includes(named[1])) named[1] = name;
    }
  }

  /** Has some seconds forget where drones were. */
  forgetSome(): void {
    let left = FORGETTING_SECONDS;
    for (const number of this.#forgetting) {
      if (left-- === 0) return;
      const frozen = this.#seconds.get(number);
      this.dropSecond(number);
      this.#forgetting.delete(number);
      if (frozen) this.putSecond(number, withoutForgotten(frozen));
    }
  }

  /** The second as it was, no longer here; undefined where it is not. */
  takeSecond(number: number): Second | undefined {
    const frozen = this.#seconds.get(number);
    if (!frozen) return undefined;
    const isForgetting = this.#forgetting.has(number);
    this.dropSecond(number);
    const second = new Second();
    for (const [i, block] of frozen.blocks.entries()) {
      const memberships = frozen.memberships.slice(i * BLOCK_PANES, (i + 1) * BLOCK_PANES);
      restorePanes(second, memberships, thaw<PaneColumns>(block));
    }
    if (isForgetting) {
      for (const pane of second.panes) if (pane.membership.drone.isForgotten) pane.forgetPlaces();
    }
    return second;
  }

  takeFiring(key: string): Firing | undefined {
    const frozen = this.#firings.get(key);
    if (!frozen) return undefined;
    this.#firings.delete(key);
    const firing = Firing.restore(thaw<SavedFiring>(frozen.bytes));
    for (const [scope, droneId] of frozen.worst) {
      firing.emitted.set(scope, withWorst(firing.emitted.get(scope)!, droneId));
    }
    return firing;
  }

  dropSecond(number: number): void {
    this.#seconds.delete(number);
    this.#forgetting.delete(number);
  }
}

/** Blocks without forgotten drones stay as they are. */
function withoutForgotten({ memberships, blocks }: FrozenSecond): FrozenSecond {
  return {
    memberships,
    blocks: blocks.map((block, n) => {
      const inBlock = memberships.slice(n * BLOCK_PANES, (n + 1) * BLOCK_PANES);
      if (!inBlock.some(({ drone }) => drone.isForgotten)) return block;
      const columns = thaw<PaneColumns>(block);
      for (const [i, { drone }] of inBlock.entries()) if (drone.isForgotten) forgetPlaces(columns, i);
      return freeze(columns);
    }),
  };
}
