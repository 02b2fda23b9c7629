// Turn by turn: what there is to tell goes to the database and to where it is published, before more is computed. Whoever reads waits
// where that does not go on: nothing but memory would hold what is read meanwhile.
import type { Merger } from "./merger.ts";
import type { Outlet } from "./outlet.ts";
import type { WindowStore } from "./window_store.ts";

export interface TurnsParts {
  merger: Pick<Merger, "advance" | "takePlace" | "held" | "isBehind">;
  /** Of what is held; beyond it nobody reads on. */
  bytesMax: number;
  store: Pick<WindowStore, "keep">;
  outlet: Pick<Outlet, "send">;
  /** Monotonic ms. */
  clock: () => number;
  /** Resolves after so many ms. */
  pause: (ms: number) => Promise<void>;
}

const INTERVAL_MS = 200;
/** What takes longer to send does not arrive now. */
const SEND_MS_MAX = 5000;

export class Turns {
  /** Windows since the start. */
  told = 0;
  readonly #parts: TurnsParts;
  #sendingSinceMs: number | null = null;
  #isStopped = false;

  constructor(parts: TurnsParts) {
    this.#parts = parts;
  }

  /** What is read now could only be kept. */
  get isHeldUp(): boolean {
    const { merger, bytesMax, clock } = this.#parts;
    const isStuck = this.#sendingSinceMs !== null && clock() - this.#sendingSinceMs > SEND_MS_MAX;
    return isStuck || merger.held.bytes > bytesMax;
  }

  /** Until it is stopped. */
  async run(isReadingAgain: () => boolean): Promise<void> {
    const { merger, store, outlet, clock, pause } = this.#parts;
    while (!this.#isStopped) {
      const outputs = merger.advance(clock(), { isReadingAgain: isReadingAgain() });
      this.told += outputs.length;
      const place = merger.takePlace();
      await store.keep(outputs);
      this.#sendingSinceMs = clock();
      await outlet.send(outputs, place);
      this.#sendingSinceMs = null;
      await pause(merger.isBehind ? 0 : INTERVAL_MS);
    }
  }

  stop(): void {
    this.#isStopped = true;
  }
}
