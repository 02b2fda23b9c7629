// What makes an arrival safe before it is acknowledged: the journal in a folder, or none.

/** Where arrivals are kept. */
export interface Journal {
  /**
   * Resolves with the entry's number once it is safe; entries become safe in the order in which they were handed in.
   * @param timeUs ingestion time, growing
   * @param body an encoded JournalEntry
   */
  append: (timeUs: number, body: Uint8Array<ArrayBuffer>) => Promise<number>;
  /** Nothing becomes safe for the moment. */
  readonly failing: boolean;
  /** No further entry can wait: none may be handed in. Absent: there is always room. */
  readonly full?: boolean;
}

/** Guarantee: none. Keeps nothing: an acknowledged batch is lost with the process. */
export function volatileJournal(): Journal {
  let lastIndex = 0;
  return { append: () => Promise.resolve(++lastIndex), failing: false };
}
