// The node's bucket, between its edges. Each may let in a part of the rate; who needs less lends to who needs more. At no
// time may all of them together let in more than the node: what one gives back is lent on only once it has said that it
// holds to less.

import type { Rate } from "../member/messages.ts";

export interface SharesSettings {
  edges: number;
  /** Records/s of all together. */
  ratePerS: number;
}

interface Share {
  runs: boolean;
  /** What the edge said last that it holds to, and what it was told since, in order: it may come to hold to each of these. */
  heldPerS: number;
  told: Rate[];
  /** Records/s that it was asked to let in. */
  askedPerS: number;
}

/** Of an even share: an edge has so much in any case, so that its first drones find something. */
const FLOOR = 0.1;
/** What an edge is asked for may grow by so much before it must borrow again. */
const HEADROOM = 1.5;
/** Less of the whole than this is not worth a message. */
const STEP = 0.01;

export class Shares {
  readonly #settings: SharesSettings;
  readonly #floorPerS: number;
  readonly #shares: Share[];
  #orders = 0;

  constructor(settings: SharesSettings) {
    this.#settings = settings;
    this.#floorPerS = FLOOR * settings.ratePerS / settings.edges;
    this.#shares = Array.from({ length: settings.edges }, () => this.#none());
  }

  /** An edge starts. @returns what it may let in until it is told more: what is free of an even share */
  start(edge: number): number {
    const { ratePerS, edges } = this.#settings;
    const share = this.#shares[edge]!;
    share.heldPerS = Math.max(this.#floorPerS, Math.min(ratePerS / edges, this.#freePerS() + share.heldPerS));
    share.runs = true;
    return share.heldPerS;
  }

  /** An edge has ended, and lets in nothing. Its floor waits for the next one. */
  gone(edge: number): void {
    this.#shares[edge] = this.#none();
  }

  /** What an edge says of itself. */
  report(edge: number, { held, askedPerS }: { held: Rate; askedPerS: number }): void {
    const share = this.#shares[edge]!;
    share.heldPerS = held.ratePerS;
    share.told = share.told.filter(({ order }) => order > held.order);
    share.askedPerS = askedPerS;
  }

  /** Who is to be told what now. */
  next(): { edge: number; rate: Rate }[] {
    const stepPerS = STEP * this.#settings.ratePerS;
    const wanted = this.#even();
    const orders: { edge: number; rate: Rate }[] = [];
    const tell = (edge: number, ratePerS: number) => {
      const rate = { ratePerS, order: ++this.#orders };
      this.#shares[edge]!.told.push(rate);
      orders.push({ edge, rate });
    };
    for (const [edge, share] of this.#shares.entries()) {
      if (wanted[edge]! < latest(share) - stepPerS) tell(edge, wanted[edge]!);
    }
    for (const [edge, share] of this.#shares.entries()) {
      const more = Math.min(wanted[edge]! - latest(share), this.#freePerS());
      if (more > stepPerS) tell(edge, latest(share) + more);
    }
    return orders;
  }

  /** Max-min fair by what each is asked for, and what is left over in even parts. */
  #even(): number[] {
    const { ratePerS, edges } = this.#settings;
    const needs = this.#shares.map(({ askedPerS }) => Math.max(0, askedPerS * HEADROOM - this.#floorPerS));
    const given = needs.map(() => this.#floorPerS);
    const running = [...needs.keys()].filter((edge) => this.#shares[edge]!.runs);
    let left = ratePerS - edges * this.#floorPerS;
    for (const [i, edge] of running.toSorted((a, b) => needs[a]! - needs[b]!).entries()) {
      const more = Math.min(needs[edge]!, left / (running.length - i));
      given[edge]! += more;
      left -= more;
    }
    for (const edge of running) given[edge]! += left / running.length;
    return given;
  }

  #freePerS(): number {
    const bound = this.#shares.reduce((sum, { heldPerS, told }) => sum + mostOf(heldPerS, told), 0);
    return Math.max(0, this.#settings.ratePerS - bound);
  }

  #none(): Share {
    return { runs: false, heldPerS: this.#floorPerS, told: [], askedPerS: 0 };
  }
}

function latest({ heldPerS, told }: Share): number {
  return told.at(-1)?.ratePerS ?? heldPerS;
}

function mostOf(heldPerS: number, told: readonly Rate[]): number {
  return told.reduce((most, { ratePerS }) => Math.max(most, ratePerS), heldPerS);
}
