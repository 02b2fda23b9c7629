// Erases a drone: the pipeline forgets it, then the sinks, and then a checkpoint stands for everything, so that the journal up
// to there can go. Each step goes on after a crash: the entry is journalled, and what must go is noted in the checkpoint.
import { holdsErased } from "../journal/retention.ts";
import type { Disk } from "../journal/disk.ts";
import type { Output } from "../outputs.ts";
import type { Checkpointing } from "./checkpointing.ts";
import type { Sequencer } from "./sequencer.ts";

export interface ErasureParts {
  sequencer: Pick<Sequencer, "erase">;
  /** Null: no journal is on a disk. */
  disk: Pick<Disk, "list"> | null;
  /** Entries from now on go into a segment of their own. */
  endSegment: () => void;
  /** Has the sinks forget as well. */
  checkpoint: Checkpointing["take"];
  /** Resolves after a moment. */
  pause: () => Promise<void>;
  /** Of the last checkpoint that was read; 0: no drone was erased before it. */
  erasedIndex: number;
}

/** `done`: nothing is left. `under-way`: the next checkpoints will see to it. `refused`: nothing was done. */
export type Erasing = "done" | "under-way" | "refused";

/** What is frozen of a quarter of an hour forgets within half a minute, sooner where much arrives. */
const PAUSES_MAX = 600;
const CHECKPOINTS_MAX = 10;

export class Erasure {
  readonly #parts: ErasureParts;
  /** Names that stand for drones that are being erased, and that have been. */
  readonly #asked = new Map<string, boolean>();
  #erasedIndex: number;

  constructor(parts: ErasureParts) {
    this.#parts = parts;
    this.#erasedIndex = parts.erasedIndex;
  }

  /** The last entry that told that a drone is erased: what is from before it must go. */
  get erasedIndex(): number {
    return this.#erasedIndex;
  }

  /** Results of an entry are safe. */
  delivered(outputs: readonly Output[], index: number): void {
    for (const output of outputs) {
      if (output.type !== "erased") continue;
      this.#erasedIndex = index;
      if (this.#asked.has(output.erased.name)) this.#asked.set(output.erased.name, true);
    }
  }

  /** Resolves when it is done, or will be without anybody's help. Rejects when the journal is closed before, or a checkpoint fails. */
  async erase({ droneId, name }: { droneId: string; name: string }): Promise<Erasing> {
    const { sequencer, disk, endSegment, checkpoint, pause } = this.#parts;
    this.#asked.set(name, false);
    try {
      if (!await sequencer.erase({ droneId, name })) return "refused";
      for (let pauses = 0; !this.#asked.get(name); pauses++) {
        if (pauses >= PAUSES_MAX) return "under-way";
        await pause();
      }
    } finally {
      this.#asked.delete(name);
    }
    if (!disk) {
      await checkpoint();
      return "done";
    }
    const { erasedIndex } = this;
    endSegment();
    for (let taken = 0; taken < CHECKPOINTS_MAX; taken++) {
      await checkpoint();
      if (!holdsErased(disk, erasedIndex)) return "done";
      await pause();
    }
    return "under-way";
  }
}
