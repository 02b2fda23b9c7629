// An export as it goes out: made a piece at a time, no faster than it is read, and broken off where it cannot go on, so that nobody takes
// a part for the whole.

/** Makes an export's pieces. */
export interface Source {
  /** The next; null: that was all. Rejects when it cannot go on. */
  next: () => Promise<Uint8Array<ArrayBuffer> | null>;
  /** Nobody wants more. */
  stop: () => void;
}

/**
 * @param hold is given what ends it before its time, and says what is to be called once it has ended
 * @throws as `next` does for the first piece
 */
export async function exported(
  source: Source,
  { hold, mayGoOn }: {
    hold: (end: () => void) => () => void; /** Why it may not; null: it may. */
    mayGoOn: () => string | null;
  },
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  let first: Uint8Array<ArrayBuffer> | null | undefined = await source.next().catch((error) => {
    source.stop();
    throw error;
  });
  let ended: string | null = null;
  const letGo = hold(() => ended = "the proof of who asked for it has ended");
  const over = () => {
    letGo();
    source.stop();
  };
  return new ReadableStream({
    async pull(controller) {
      const piece = first === undefined ? await source.next().catch(asError) : first;
      first = undefined;
      const why = piece instanceof Error ? piece.message : ended ?? mayGoOn();
      if (why !== null) {
        over();
        return controller.error(new Error(`Cannot go on with an export: ${why}`));
      }
      if (piece instanceof Uint8Array) return controller.enqueue(piece);
      over();
      controller.close();
    },
    cancel: over,
  }, { highWaterMark: 0 });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
