// All processes of the demo: they start one after the other, and end in order, together, or at once.
import { Part, type PartSettings } from "./part.ts";

/** For each to hand over what it has. */
const ORDERLY_MS_MAX = 8000;
/** For all of them together, when somebody waits. */
const HASTY_MS_MAX = 2000;

export class Parts {
  /** Newest first: each hands over to those that were there before it. */
  readonly #parts: Part[] = [];
  #ending = false;
  readonly #onFailure: (error: Error) => void;

  /** @param onFailure one has ended that nobody asked to end */
  constructor(onFailure: (error: Error) => void) {
    this.#onFailure = onFailure;
  }

  /** Starts one more, and resolves with its URL when it is ready. @throws {Error} with what it said, when it ends before that */
  async start(settings: PartSettings): Promise<string> {
    if (this.#ending) throw new Error(`Cannot start the ${settings.name}: all is ending`);
    const part = new Part(settings);
    this.#parts.unshift(part);
    const url = await part.ready;
    part.ended.then(({ code }) => {
      if (this.#ending) return;
      this.#onFailure(new Error(`Cannot go on: the ${part.name} ended with exit code ${code}`));
    });
    return url;
  }

  /** One after the other: what the newest hands over is taken. */
  async endInOrder(): Promise<void> {
    this.#ending = true;
    for (const part of this.#parts) await part.stop(ORDERLY_MS_MAX);
  }

  /** Asked at the same time; those that are still there after a moment are killed. */
  async endTogether(): Promise<void> {
    this.#ending = true;
    await Promise.all(this.#parts.map((part) => part.stop(HASTY_MS_MAX)));
  }

  /** Now. */
  kill(): void {
    this.#ending = true;
    for (const part of this.#parts) part.kill();
  }
}
