// The seam of the journal: what makes a batch safe before it is acknowledged.
import type { Entry } from "./pipeline/entry.ts";

/** Resolves when the entry is safe; entries become safe in the order in which they were handed in. */
export type Journal = (entry: Entry) => Promise<void>;

/** Guarantee: none. Keeps nothing: an acknowledged batch is lost with the process. */
export const volatileJournal: Journal = () => Promise.resolve();
