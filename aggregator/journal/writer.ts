// Appends to the journal with group commit: whatever arrives within a few milliseconds, or while one group is being made
// durable, is the next group.
// A disk that fails stops the acknowledgements, not the process: the group is written again until it succeeds, and what
// comes meanwhile waits, as far as there is room.
import type { Latency } from "../../platform/latency.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { encodeStored, SEGMENT_HEADER_BYTES, segmentHeader, segmentName } from "./format.ts";

export interface JournalWriterSettings {
  /** A segment is closed when it has so many bytes or has been open for so long. */
  segmentBytesMax: number;
  segmentUsMax: number;
  /** Commits begin at least so far apart: entries that come closer together share one. */
  spacingMs: number;
  retryMs: number;
  /** A commit that takes longer is one that fails, until it has returned. */
  stalledMs: number;
  /** Of memory: what may wait to be written. */
  queueBytesMax: number;
}

export const WRITER_DEFAULTS: JournalWriterSettings = {
  segmentBytesMax: 16 << 20,
  segmentUsMax: 600_000_000,
  spacingMs: 4,
  retryMs: 250,
  stalledMs: 500,
  queueBytesMax: 64 << 20,
};

export interface JournalWriterParts {
  disk: Disk;
  /** Number of the first entry to be appended. */
  nextIndex: number;
  after: (ms: number, fn: () => void) => () => void;
  /** Monotonic ms. */
  clock: () => number;
  /** Time that each commit took. */
  commits: Pick<Latency, "add">;
  /** A commit failed, and will be tried again; nothing in it has been acknowledged. */
  onFailure: (error: unknown) => void;
  onRecovery: () => void;
}

interface Waiting {
  index: number;
  timeUs: number;
  bytes: Uint8Array<ArrayBuffer>;
  resolve: (index: number) => void;
  reject: (error: Error) => void;
}

const GROUP_BYTES_MAX = 4 << 20;
/** While the disk fails: what is written in vain holds up everything else. */
const TRIAL_BYTES_MAX = 64 << 10;
/** What an entry costs while it waits, beside its bytes: whoever waits for it, and what came of it. */
const ENTRY_BYTES = 2048;

export class JournalWriter {
  readonly #settings: JournalWriterSettings;
  readonly #parts: JournalWriterParts;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #nextIndex: number;
  #file: DiskFile | null = null;
  #fileBytes = 0;
  #fileSinceUs = 0;
  #writing: Promise<void> | null = null;
  #beganMs = -Infinity;
  #committing = false;
  #failed = false;
  #closed = false;
  #isSegmentOver = false;
  #cancelRetry = () => {};

  constructor(settings: JournalWriterSettings, parts: JournalWriterParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#nextIndex = parts.nextIndex;
  }

  /** The last commit failed, or this one takes far too long: entries wait. */
  get failing(): boolean {
    return this.#failed || this.#committing && this.#parts.clock() - this.#beganMs > this.#settings.stalledMs;
  }

  /** As much waits as may wait. */
  get full(): boolean {
    return this.#waitingBytes >= this.#settings.queueBytesMax;
  }

  /** Entries handed in and not yet durable. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves with the entry's number once it is durable; entries become durable in order. Waits as long as the disk
   * fails, and rejects only when the writer is closed before.
   */
  append(timeUs: number, body: Uint8Array): Promise<number> {
    if (this.#closed) return Promise.reject(new Error("Cannot journal: the journal is closed"));
    const index = this.#nextIndex++;
    const bytes = encodeStored({ index, timeUs, body });
    this.#waitingBytes += costOf(bytes);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ index, timeUs, bytes, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** What is written from now on goes into a segment of its own. */
  endSegment(): void {
    this.#isSegmentOver = true;
  }

  /** Rejects what is not durable by then. */
  async close(): Promise<void> {
    if (!this.#failed) await this.#writing;
    this.#closed = true;
    this.#cancelRetry();
    for (const { reject } of this.#waiting.splice(0)) reject(new Error("Cannot journal: the journal was closed"));
    this.#file?.close();
    this.#file = null;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#closed) {
      const { spacingMs } = this.#settings;
      const earlyMs = this.#beganMs + spacingMs - this.#parts.clock();
      // The clock may have been set back.
      if (earlyMs > 0) await this.#pause(Math.min(earlyMs, spacingMs));
      if (this.#closed) return;
      const group = this.#group();
      const beganMs = this.#beganMs = this.#parts.clock();
      this.#committing = true;
      try {
        await this.#commit(group);
      } catch (error) {
        this.#abandonSegment();
        if (!this.#closed) this.#fail(error);
        return;
      } finally {
        this.#committing = false;
      }
      if (this.#closed) return;
      this.#parts.commits.add((this.#parts.clock() - beganMs) * 1000);
      this.#waiting.splice(0, group.length);
      for (const { bytes } of group) this.#waitingBytes -= costOf(bytes);
      if (this.#failed) {
        this.#failed = false;
        this.#parts.onRecovery();
      }
      for (const { resolve, index } of group) resolve(index);
    }
    this.#writing = null;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#parts.after(ms, resolve));
  }

  #group(): Waiting[] {
    const bytesMax = this.#failed ? TRIAL_BYTES_MAX : GROUP_BYTES_MAX;
    let bytes = 0;
    const end = this.#waiting.findIndex((entry) => (bytes += entry.bytes.length) > bytesMax);
    return this.#waiting.slice(0, end < 0 ? undefined : Math.max(1, end));
  }

  async #commit(group: Waiting[]): Promise<void> {
    const file = this.#segmentFor(group[0]!);
    const bytes = new Uint8Array(group.reduce((sum, entry) => sum + entry.bytes.length, 0));
    let offset = 0;
    for (const entry of group) {
      bytes.set(entry.bytes, offset);
      offset += entry.bytes.length;
    }
    file.write(bytes);
    await file.sync();
    this.#fileBytes += bytes.length;
  }

  #segmentFor({ index, timeUs }: Waiting): DiskFile {
    const { segmentBytesMax, segmentUsMax } = this.#settings;
    const isFull = this.#fileBytes >= segmentBytesMax || timeUs - this.#fileSinceUs >= segmentUsMax;
    if (this.#file && (isFull || this.#isSegmentOver)) {
      this.#file.close();
      this.#file = null;
    }
    this.#isSegmentOver = false;
    if (!this.#file) {
      this.#file = this.#parts.disk.create(segmentName(index));
      this.#file.write(segmentHeader());
      this.#fileBytes = SEGMENT_HEADER_BYTES;
      this.#fileSinceUs = timeUs;
    }
    return this.#file;
  }

  // After a failed write or fdatasync nobody knows which pages are durable: the group goes into a new segment, and
  // what may be left of it in this one is cut, or skipped by its numbers when read.
  #abandonSegment(): void {
    try {
      this.#file?.cut(this.#fileBytes);
      this.#file?.close();
    } catch (error) {
      this.#parts.onFailure(error);
    }
    this.#file = null;
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.#parts.onFailure(error);
    this.#cancelRetry = this.#parts.after(this.#settings.retryMs, () => {
      this.#writing = this.#write();
    });
  }
}

function costOf(bytes: Uint8Array): number {
  return bytes.length + ENTRY_BYTES;
}
