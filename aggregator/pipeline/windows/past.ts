// The seconds and windows that are over and can still be revised: frozen, a block at a time, once nobody has touched them for a
// while, and thawed when a late record comes. Whether they are frozen changes nothing but memory and time.
import { freeze, thaw } from "./frozen.ts";
import { Firing, type SavedFiring } from "./firing.ts";
import type { Membership } from "../drones/drone.ts";
import { type PaneColumns, PanesImage, restorePanes } from "./panes_image.ts";
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

/** The windows of one kind and end, as a SavedFiring. */
export interface FrozenFiring {
  bytes: Bytes;
  /** Edges that one of them lacked. */
  missing: string[];
}

/** In one go at most: less than a millisecond. */
const BLOCK_PANES = 512;
/** What an entry costs besides its bytes, and for each pane. */
const ENTRY_BYTES = 200;
const PANE_BYTES = 8;

/** What was frozen, by number of the second and by key of the windows. */
export class Past {
  readonly #seconds = new Map<number, FrozenSecond>();
  readonly #firings = new Map<string, FrozenFiring>();
  #bytes = 0;
  /** The second that is being frozen: it is not here yet. */
  #next: { number: number; second: Second; image: PanesImage; blocks: Bytes[] } | null = null;

  /** Of memory, about. */
  get bytes(): number {
    return this.#bytes;
  }

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

  putSecond(number: number, frozen: FrozenSecond): void {
    this.#seconds.set(number, frozen);
    this.#bytes += secondBytes(frozen);
  }

  putFiring(key: string, frozen: FrozenFiring): void {
    this.#firings.set(key, frozen);
    this.#bytes += firingBytes(frozen);
  }

  freezeFiring(key: string, firing: Firing): void {
    this.putFiring(key, { bytes: freeze(firing.save()), missing: firing.missing });
  }

  /** The second as it was, no longer here; undefined where it is not. */
  takeSecond(number: number): Second | undefined {
    const frozen = this.#seconds.get(number);
    if (!frozen) return undefined;
    this.dropSecond(number);
    const second = new Second();
    for (const [i, block] of frozen.blocks.entries()) {
      const memberships = frozen.memberships.slice(i * BLOCK_PANES, (i + 1) * BLOCK_PANES);
      restorePanes(second, memberships, thaw<PaneColumns>(block));
    }
    return second;
  }

  takeFiring(key: string): Firing | undefined {
    const frozen = this.#firings.get(key);
    if (!frozen) return undefined;
    this.#firings.delete(key);
    this.#bytes -= firingBytes(frozen);
    return Firing.restore(thaw<SavedFiring>(frozen.bytes));
  }

  dropSecond(number: number): void {
    const frozen = this.#seconds.get(number);
    if (!frozen) return;
    this.#seconds.delete(number);
    this.#bytes -= secondBytes(frozen);
  }
}

function secondBytes({ memberships, blocks }: FrozenSecond): number {
  return blocks.reduce((sum, { length }) => sum + length, ENTRY_BYTES + PANE_BYTES * memberships.length);
}

function firingBytes({ bytes }: FrozenFiring): number {
  return ENTRY_BYTES + bytes.length;
}
