// Panes as columns of numbers: there are ten seconds of a whole fleet in each checkpoint, and objects would spell out
// every name in each of them.
import { type ChargePane, NO_PLACE, type Pane } from "./pane.ts";
import type { Membership, MembershipNumbers } from "../drones/drone.ts";
import type { Second } from "./second.ts";

/** What panes hold, in order. */
export interface PaneColumns {
  /** All fields of one pane after the other. */
  numbers: Float64Array<ArrayBuffer>;
  /** How many charges each pane has, and CHARGE_FIELDS of one after the other. */
  chargeCounts: Uint32Array<ArrayBuffer>;
  charges: Float64Array<ArrayBuffer>;
}

/** Panes as plain values, in order. */
export interface SavedPanes extends PaneColumns {
  /** Numbers. */
  memberships: Uint32Array<ArrayBuffer>;
}

type NumberNames<T> = { [Name in keyof T]: T[Name] extends number ? Name : never }[keyof T];
/** The H3 cell and where it was found come from the position. */
type Field = Exclude<NumberNames<Pane>, "index" | "cellLatE7" | "cellLonE7">;

/** A Record, so that none can be forgotten; functions: reading by name is slower. */
const FIELDS: Record<Field, (pane: Pane) => number> = {
  positions: ({ positions }) => positions,
  batteries: ({ batteries }) => batteries,
  obstacles: ({ obstacles }) => obstacles,
  nearDuplicates: ({ nearDuplicates }) => nearDuplicates,
  forwarded: ({ forwarded }) => forwarded,
  speedSumCms: ({ speedSumCms }) => speedSumCms,
  downSumCms: ({ downSumCms }) => downSumCms,
  latMinE7: ({ latMinE7 }) => latMinE7,
  latMaxE7: ({ latMaxE7 }) => latMaxE7,
  lonMinE7: ({ lonMinE7 }) => lonMinE7,
  lonMaxE7: ({ lonMaxE7 }) => lonMaxE7,
  lonFarMinE7: ({ lonFarMinE7 }) => lonFarMinE7,
  lonFarMaxE7: ({ lonFarMaxE7 }) => lonFarMaxE7,
  altMinMm: ({ altMinMm }) => altMinMm,
  altMaxMm: ({ altMaxMm }) => altMaxMm,
  altHomeMinMm: ({ altHomeMinMm }) => altHomeMinMm,
  altHomeMaxMm: ({ altHomeMaxMm }) => altHomeMaxMm,
  altMissing: ({ altMissing }) => altMissing,
  altHomeMissing: ({ altHomeMissing }) => altHomeMissing,
  latestUs: ({ latestUs }) => latestUs,
  latestSeq: ({ latestSeq }) => latestSeq,
  latestLatE7: ({ latestLatE7 }) => latestLatE7,
  latestLonE7: ({ latestLonE7 }) => latestLonE7,
};
const FIELD_NAMES = Object.keys(FIELDS) as Field[];

const CHARGE_FIELDS = Object.keys(
  {
    id: true,
    firstUs: true,
    firstSeq: true,
    firstCpct: true,
    lastUs: true,
    lastSeq: true,
    lastCpct: true,
  } satisfies Record<keyof ChargePane, true>,
) as (keyof ChargePane)[];

const READERS = Object.values(FIELDS);

/** The panes of one second as they were when it was made; each is copied when it is asked for, or is about to change. */
export class PanesImage {
  /** How many there were: those after them are not part of it. */
  readonly count: number;
  readonly #panes: readonly Pane[];
  readonly #charges: (ChargePane[] | undefined)[] = [];
  #numbers: Float64Array<ArrayBuffer> | null = null;

  constructor(panes: readonly Pane[]) {
    this.#panes = panes;
    this.count = panes.length;
  }

  /** Copies a pane of the second unless that is done, or it began later. */
  keep(pane: Pane): void {
    const { index } = pane;
    if (index >= this.count || this.#charges[index]) return;
    const numbers = this.#numbers ??= new Float64Array(this.count * READERS.length);
    let at = index * READERS.length;
    for (const read of READERS) numbers[at++] = read(pane);
    this.#charges[index] = pane.charges.map((charge) => ({ ...charge }));
  }

  /** The panes from one to before another, as plain values. */
  save(from: number, to: number, numbers: Pick<MembershipNumbers, "membership">): SavedPanes {
    const memberships = Uint32Array.from(
      this.#panes.slice(from, to),
      ({ membership }) => numbers.membership(membership),
    );
    return { memberships, ...this.columns(from, to) };
  }

  /** What the panes from one to before another hold. */
  columns(from: number, to: number): PaneColumns {
    for (const pane of this.#panes.slice(from, to)) this.keep(pane);
    const kept = this.#charges.slice(from, to).map((charges) => charges ?? []);
    return {
      numbers: (this.#numbers ?? new Float64Array(0)).slice(from * READERS.length, to * READERS.length),
      chargeCounts: Uint32Array.from(kept, ({ length }) => length),
      charges: Float64Array.from(kept.flatMap((all) => all.flatMap((of) => CHARGE_FIELDS.map((field) => of[field])))),
    };
  }
}

/** Has the i-th pane forget where its drone was. */
export function forgetPlaces({ numbers }: PaneColumns, i: number): void {
  for (const [name, value] of Object.entries(NO_PLACE)) {
    numbers[i * READERS.length + FIELD_NAMES.indexOf(name as Field)] = value;
  }
}

/** Puts panes that were saved into a second, behind those that it has. */
export function restorePanes(
  second: Second,
  memberships: readonly Membership[],
  { numbers, chargeCounts, charges }: PaneColumns,
): void {
  let [at, chargeAt] = [0, 0];
  for (const [i, membership] of memberships.entries()) {
    const pane = second.open(membership);
    for (const field of FIELD_NAMES) pane[field] = numbers[at++]!;
    for (let left = chargeCounts[i]!; left > 0; left--) {
      const entries = CHARGE_FIELDS.map((field) => [field, charges[chargeAt++]!]);
      pane.charges.push(Object.fromEntries(entries) as ChargePane);
    }
  }
}
