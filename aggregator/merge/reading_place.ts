// Where in a topic somebody reads, beside what is in it now: it may have been emptied, cut, or made anew meanwhile.

/** A topic's only partition. */
export interface Extent {
  topicId: string;
  /** Of the first message that is there. */
  first: bigint;
  /** Of the message that comes after all that are there. */
  end: bigint;
}

export class ReadingPlace {
  /** Of the message that is read next. */
  next: bigint;
  end = 0n;
  /** Of the topic that was read so far; null: none was. */
  #topicId: string | null = null;

  /** @param from null: begin with the first that there is */
  constructor(from: bigint | null) {
    this.next = from ?? 0n;
  }

  /** How many are there that were not read. */
  get behind(): number {
    return Number(this.end - this.next);
  }

  /** Goes on in what is there. @returns what was there and cannot be read; null: nothing */
  goOn({ topicId, first, end }: Extent): string | null {
    const { next } = this;
    const isAnother = (this.#topicId !== null && this.#topicId !== topicId) || next > end;
    this.#topicId = topicId;
    this.end = end;
    if (!isAnother && first <= next) return null;
    this.next = first;
    return isAnother
      ? `is not what it was, and is read from its first message, ${first}, on`
      : `no longer holds messages ${next} to ${first - 1n}`;
  }
}
