// Panes as columns of numbers: there are ten seconds of a whole fleet in each checkpoint, and objects would spell out
// every name in each of them.
import { type ChargePane, Pane } from "./pane.ts";
import type { Restorer, SavedMembership, Saver } from "./saved.ts";

/** Panes as plain values, in order. */
export interface SavedPanes {
  memberships: SavedMembership[];
  /** All fields of one pane after the other. */
  numbers: Float64Array<ArrayBuffer>;
  /** How many charges each pane has, and CHARGE_FIELDS of one after the other. */
  chargeCounts: Uint32Array<ArrayBuffer>;
  charges: Float64Array<ArrayBuffer>;
}

type NumberNames<T> = { [Name in keyof T]: T[Name] extends number ? Name : never }[keyof T];
/** The H3 cell and where it was found come from the position. */
type Field = Exclude<NumberNames<Pane>, "cellLatE7" | "cellLonE7">;

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

/** The panes as columns. */
export function savePanes(panes: readonly Pane[], saver: Saver): SavedPanes {
  const numbers = new Float64Array(panes.length * FIELD_NAMES.length);
  const chargeCounts = new Uint32Array(panes.length);
  let chargesCount = 0;
  for (const [i, { charges }] of panes.entries()) chargesCount += chargeCounts[i] = charges.length;
  const charges = new Float64Array(chargesCount * CHARGE_FIELDS.length);
  let [at, chargeAt] = [0, 0];
  const readers = Object.values(FIELDS);
  for (const pane of panes) {
    for (const read of readers) numbers[at++] = read(pane);
    for (const charge of pane.charges) for (const field of CHARGE_FIELDS) charges[chargeAt++] = charge[field];
  }
  return { memberships: panes.map(({ membership }) => saver.membership(membership)), numbers, chargeCounts, charges };
}

/** The panes that `savePanes` was given. */
export function restorePanes({ memberships, numbers, chargeCounts, charges }: SavedPanes, restorer: Restorer): Pane[] {
  let [at, chargeAt] = [0, 0];
  return memberships.map((membership, i) => {
    const pane = new Pane(restorer.membership(membership));
    for (const field of FIELD_NAMES) pane[field] = numbers[at++]!;
    for (let left = chargeCounts[i]!; left > 0; left--) {
      const entries = CHARGE_FIELDS.map((field) => [field, charges[chargeAt++]!]);
      pane.charges.push(Object.fromEntries(entries) as ChargePane);
    }
    return pane;
  });
}
