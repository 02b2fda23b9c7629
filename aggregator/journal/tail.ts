// The journal while somebody else writes it: entry after entry, each once, as far as it is known to be on the disk. Only what is
// new is read.
import type { ReadOnlyDisk } from "./disk.ts";
import { scanSegment, type StoredEntry } from "./format.ts";
import { type Gap, listSegments, type Segment } from "./reader.ts";

const CHUNK_BYTES = 1 << 20;

export interface TailParts {
  disk: Pick<ReadOnlyDisk, "list" | "readFrom">;
  /** Entries behind this one. */
  afterIndex: number;
  /** Entries that should be on the disk, and are not. */
  onGap: (gap: Gap) => void;
}

/** A place in the journal, which goes on as it is read. */
export class JournalTail {
  readonly #parts: TailParts;
  #nextIndex: number;
  /** Where the next entry is, or will be. */
  #at: { segment: Segment; offset: number } | null = null;

  constructor(parts: TailParts) {
    this.#parts = parts;
    this.#nextIndex = parts.afterIndex + 1;
  }

  /** The last entry that was read, or is known to be missing. */
  get lastIndex(): number {
    return this.#nextIndex - 1;
  }

  /** Entries that follow, up to this one, which is on the disk: fewer where it is not. */
  *read(durableIndex: number): Generator<StoredEntry> {
    let next: Segment | undefined;
    while (this.#nextIndex <= durableIndex) {
      const at = this.#at ??= this.#find();
      if (!at) return;
      const { offset } = at;
      yield* this.#readChunk(at, durableIndex);
      if (at.offset > offset) continue;
      // The segment that follows was there before this one was looked at: nothing more comes here.
      if (next) this.#leaveFor(next);
      next = next ? undefined : this.#segmentBehind(at.segment);
      if (!next && this.#at === at) return;
    }
  }

  *#readChunk(at: { segment: Segment; offset: number }, durableIndex: number): Generator<StoredEntry> {
    for (let bytesMax = CHUNK_BYTES;; bytesMax *= 16) {
      const from = at.offset;
      const bytes = this.#parts.disk.readFrom(at.segment.name, { offset: from, bytesMax });
      const { entries } = scanSegment(bytes);
      for (const entry of entries) {
        if (entry.index > durableIndex) return;
        at.offset = from + entry.body.byteOffset - bytes.byteOffset + entry.body.length;
        if (entry.index < this.#nextIndex) continue;
        this.#skipTo(entry.index);
        this.#nextIndex = entry.index + 1;
        yield entry;
      }
      // One that is longer than what was read.
      if (at.offset > from || bytes.length < bytesMax) return;
    }
  }

  // A group whose write failed half way was written again into the next segment.
  #leaveFor(segment: Segment): void {
    this.#skipTo(segment.firstIndex);
    this.#at = { segment, offset: 0 };
  }

  #segmentBehind({ firstIndex }: Segment): Segment | undefined {
    return listSegments(this.#parts.disk).find((segment) => segment.firstIndex > firstIndex);
  }

  #find(): { segment: Segment; offset: number } | null {
    const segments = listSegments(this.#parts.disk);
    const segment = segments.findLast(({ firstIndex }) => firstIndex <= this.#nextIndex) ?? segments[0];
    return segment ? { segment, offset: 0 } : null;
  }

  #skipTo(index: number): void {
    if (index <= this.#nextIndex) return;
    this.#parts.onGap({ firstIndex: this.#nextIndex, lastIndex: index - 1 });
    this.#nextIndex = index;
  }
}
