// Drones that the database has still to forget: all at once, on a thread of their own, once everything that was said of them
// before is written. Until then no checkpoint is taken: what the process forgets, the journal knows.
import type { DatabaseSync } from "node:sqlite";
import type { Erased, Output } from "../outputs.ts";
import { eraseRows } from "./erasing.ts";
import type { Ask } from "./history.ts";

export class Erasures {
  readonly #erase: (erased: readonly Erased[]) => Promise<void>;
  /** Another list each time that it changes. */
  #waiting: readonly Erased[] = [];
  #under: Promise<void> | null = null;

  constructor(erase: (erased: readonly Erased[]) => Promise<void>) {
    this.#erase = erase;
  }

  /** Nobody else may write meanwhile. */
  get isUnder(): boolean {
    return this.#under !== null;
  }

  /** The database still has what is to be forgotten. */
  get isOwed(): boolean {
    return this.#waiting.length > 0;
  }

  deliver(outputs: readonly Output[]): void {
    for (const output of outputs) if (output.type === "erased") this.#waiting = [...this.#waiting, output.erased];
  }

  /** Asks so that nobody hears of who is erased, also of one who was erased while others were asked. */
  askDiscreetly(ask: Ask): Ask {
    return async (question) => {
      for (;;) {
        const without = this.#waiting;
        const answer = await ask(without.length === 0 ? question : { ...question, without });
        if (without === this.#waiting) return answer;
      }
    };
  }

  /** Resolves when all are erased that wait by now. Rejects when one cannot be: then it still waits. */
  async run(): Promise<void> {
    if (this.#under) await this.#under;
    const erased = this.#waiting;
    if (erased.length === 0) return;
    this.#under = this.#erase(erased);
    try {
      await this.#under;
      this.#waiting = this.#waiting.slice(erased.length);
    } finally {
      this.#under = null;
    }
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#under?.catch(() => {});
  }
}

/** In memory, where nobody else can: nothing of it is on a disk. */
export function eraseHere(db: DatabaseSync): (erased: readonly Erased[]) => Promise<void> {
  return async (erased) => {
    for (const drone of erased) await eraseRows(db, drone);
  };
}

/** Rejects with what the thread could not do. */
export function eraseInThread(path: string): (erased: readonly Erased[]) => Promise<void> {
  return (erased) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const cannot = (why: string) => reject(new Error(`Cannot erase ${erased.length} drones from ${path}: ${why}`));
    const thread = new Worker(new URL("./erasing_worker.ts", import.meta.url), { type: "module", name: "erasing" });
    thread.onmessage = ({ data: why }: MessageEvent<string | null>) => why === null ? resolve() : cannot(why);
    thread.onerror = (event) => {
      event.preventDefault();
      cannot(event.message);
    };
    thread.postMessage({ path, erased });
    return promise;
  };
}
