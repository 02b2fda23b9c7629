// All that one journal is published to: each destination by a thread of its own, so that none waits for another. The journal keeps
// what the slowest still needs.
import type { Platform } from "../../../platform/system.ts";
import type { Operations } from "../../alerts/operations.ts";
import type { DeliveryPlace, Output } from "../../outputs.ts";
import { forgetOthers, type Place } from "./going_on.ts";
import type { TopicKind } from "./messages.ts";
import { type Destination, type PublishingConfig, PublishingThread, type PublishingView } from "./publishing_thread.ts";

/** A destination, how to reach it, and what is published there. */
export interface Destined {
  destination: Destination;
  settings: object;
  place: Place;
  topics: readonly TopicKind[];
}

/** Whose journal is published, as far as its disk has it, and who is told when it cannot be. */
export interface PublishedCore {
  sequencer: { applied: { index: number } };
  operations: Pick<Operations, "degraded" | "restored">;
}

export class Publishers {
  readonly #threads: readonly PublishingThread[];
  readonly #journalPath: string;

  constructor(
    destined: readonly Destined[],
    parts: { config: PublishingConfig; platform: Pick<Platform, "after" | "log"> },
  ) {
    this.#journalPath = parts.config.journalPath;
    this.#threads = destined.map(({ destination, ...how }) => new PublishingThread(destination, { ...how, ...parts }));
  }

  /** Begins with what is on the disk by now. */
  begin({ sequencer, operations }: PublishedCore): void {
    const names = this.#threads.map(({ destination }) => destination.name);
    if (this.#journalPath !== ":memory:") forgetOthers(this.#journalPath, names);
    for (const thread of this.#threads) {
      const { name, title } = thread.destination;
      thread.begin({
        durableIndex: sequencer.applied.index,
        onTrouble: (why) => {
          if (why === null) return operations.restored(name);
          operations.degraded(name, { message: `Cannot publish to ${title}: ${why}`, severity: "warning" });
        },
      });
    }
  }

  get views(): PublishingView[] {
    return this.#threads.map(({ view }) => view);
  }

  /** The last entry that every destination has, as the next process will know it; null: there is none. */
  get keptIndex(): number | null {
    return this.#threads.length === 0 ? null : Math.min(...this.#threads.map(({ keptIndex }) => keptIndex));
  }

  deliver(outputs: readonly Output[], place: DeliveryPlace): void {
    for (const thread of this.#threads) thread.deliver(outputs, place);
  }

  /** Resolves when all threads have ended; what they have not published they will after the next start. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}
