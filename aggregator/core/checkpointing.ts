// Takes a checkpoint of the pipeline now and then, and lets go what the journal then no longer needs. A checkpoint is
// written only after the sinks hold everything up to it: what recovery does not deliver again must have arrived.
import type { Place } from "./sequencer.ts";
import { CheckpointEncoder, checkpointName, decodeCheckpoint } from "../journal/checkpoints.ts";
import type { Disk } from "../journal/disk.ts";
import { expireJournal, holdsErased, type RetentionSettings } from "../journal/retention.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";

export interface CheckpointingParts {
  disk: Disk;
  pipeline: Pick<Pipeline, "snapshot">;
  /** The last entry that the pipeline has seen; null: it has seen what is in no entry. */
  seen: () => Place | null;
  /** The last entry with which a drone was erased: what is from before it goes. 0: none was. */
  erasedIndex: () => number;
  /** Resolves when all of them are journalled and their results delivered; rejects when they never will be. */
  safe: () => Promise<void>;
  /** Writes what waits for the sinks by now, and has the disk keep it; throws when it cannot. */
  flushSinks: () => void | Promise<void>;
  /** Resolves when what waits for the event loop has had its turn. */
  pause: () => Promise<void>;
  nowUs: () => number;
  retention: RetentionSettings;
}

/** Writes checkpoints, one at a time. */
export class Checkpointing {
  readonly #parts: CheckpointingParts;
  #writing: Promise<void> | null = null;
  #lastIndex: number;
  /** Nothing else waits for the event loop any more. */
  #isLast = false;
  #closed = false;

  constructor(parts: CheckpointingParts) {
    this.#parts = parts;
    this.#lastIndex = parts.seen()?.index ?? 0;
  }

  /**
   * Resolves when one of everything so far is durable; `isLast`: without pauses. Rejects when a sink or the disk cannot
   * write: the journal then keeps its tail.
   */
  async take({ isLast = false } = {}): Promise<void> {
    this.#isLast ||= isLast;
    // It does not hold what came after it began; whoever asked for it hears why it failed.
    await this.#writing?.catch(() => {});
    await (this.#writing ??= this.#write().finally(() => this.#writing = null));
  }

  /** Resolves when nothing is written any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing?.catch(() => {});
  }

  async #write(): Promise<void> {
    const { disk, pipeline, seen, safe, flushSinks, pause, nowUs, retention } = this.#parts;
    const place = seen();
    if (!place) throw new Error("Cannot take a checkpoint: the journal lacks what was judged last");
    const { index, timeUs } = place;
    if (index === this.#lastIndex) return;
    const encoder = new CheckpointEncoder();
    for (const piece of pipeline.snapshot()) {
      encoder.add(piece);
      if (!this.#isLast) await pause();
      if (this.#closed) throw new Error("Cannot finish the checkpoint: the journal is closed");
    }
    await safe();
    await flushSinks();
    // The sinks have forgotten by now whom they were told of.
    const erasedIndex = this.#parts.erasedIndex();
    await disk.replace(checkpointName(index), encoder.finish({ index, timeUs, erasedIndex }));
    this.#lastIndex = index;
    // It alone will stand for everything: it must be one that can be read.
    if (holdsErased(disk, erasedIndex) && !decodeCheckpoint(disk.read(checkpointName(index)))) {
      throw new Error(`Cannot let go what is erased: checkpoint ${index} cannot be read`);
    }
    expireJournal(disk, { ...retention, nowUs: nowUs(), erasedIndex });
  }
}
