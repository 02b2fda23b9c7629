// Appends to the journal with group commit: whatever arrives within a few milliseconds, or while one group is being made
// durable, is the next group.
// A disk that fails stops the acknowledgements, not the process: the group is written again until it succeeds.
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
}

export const WRITER_DEFAULTS: JournalWriterSettings = {
  segmentBytesMax: 16 << 20,
  segmentUsMax: 600_000_000,
  spacingMs: 4,
  retryMs: 250,
};

export interface JournalWriterParts {
  disk: Disk;
  /** Number of the first entry to be appended. */
  nextIndex: number;
  after: (ms: number, fn: () => void) => () => void;
  /** ms. */
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

export class JournalWriter {
  readonly #settings: JournalWriterSettings;
  readonly #parts: JournalWriterParts;
  #waiting: Waiting[] = [];
  #nextIndex: number;
  #file: DiskFile | null = null;
  #fileBytes = 0;
  #fileSinceUs = 0;
  #writing: Promise<void> | null = null;
  #beganMs = -Infinity;
  #failing = false;
  #closed = false;
  #cancelRetry = () => {};

  constructor(settings: JournalWriterSettings, parts: JournalWriterParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#nextIndex = parts.nextIndex;
  }

  /** The last commit failed: entries wait. */
  get failing(): boolean {
    return this.#failing;
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
    return new Promise((resolve, reject) => {
      this.#waiting.push({ index, timeUs, bytes, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Rejects what is not durable by then. */
  async close(): Promise<void> {
    if (!this.#failing) await this.#writing;
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
      try {
        await this.#commit(group);
      } catch (error) {
        this.#abandonSegment();
        if (!this.#closed) this.#fail(error);
        return;
      }
      if (this.#closed) return;
      this.#parts.commits.add((this.#parts.clock() - beganMs) * 1000);
      this.#waiting.splice(0, group.length);
      if (this.#failing) {
        this.#failing = false;
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
    let bytes = 0;
    const end = this.#waiting.findIndex((entry) => (bytes += entry.bytes.length) > GROUP_BYTES_MAX);
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
    if (this.#file && (this.#fileBytes >= segmentBytesMax || timeUs - this.#fileSinceUs >= segmentUsMax)) {
      this.#file.close();
      this.#file = null;
    }
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
    this.#failing = true;
    this.#parts.onFailure(error);
    this.#cancelRetry = this.#parts.after(this.#settings.retryMs, () => {
      this.#writing = this.#write();
    });
  }
}
