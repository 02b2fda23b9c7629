// The answers that are under way: who does not read his is given up, and a server that stops finishes them.
import type { ServerResponse } from "node:http";
import type { Platform } from "../system.ts";
import type { Refusals } from "./refusals.ts";

/** Of an answer that waits for its reader, nothing was taken for so long. */
const UNREAD_S_MAX = 30;

interface Progress {
  bytesWritten: number;
  unreadS: number;
}

export class Answers {
  readonly #refusals: Refusals;
  readonly #answers = new Map<ServerResponse, Progress>();
  #whenFinished = () => {};

  constructor(refusals: Refusals) {
    this.#refusals = refusals;
  }

  /** One more, until it has been sent, or nobody is there who would read it. */
  add(outgoing: ServerResponse): void {
    this.#answers.set(outgoing, { bytesWritten: 0, unreadS: 0 });
    outgoing.once("close", () => {
      this.#answers.delete(outgoing);
      if (this.#answers.size === 0) this.#whenFinished();
    });
  }

  /** Once a second. */
  check(): void {
    for (const [outgoing, progress] of this.#answers) {
      const { socket } = outgoing;
      if (!socket) continue;
      const isStuck = socket.writableLength > 0 && socket.bytesWritten === progress.bytesWritten;
      progress.unreadS = isStuck ? progress.unreadS + 1 : 0;
      progress.bytesWritten = socket.bytesWritten;
      if (progress.unreadS < UNREAD_S_MAX) continue;
      this.#refusals.count("unread");
      socket.destroy();
    }
  }

  /** Keeps no connection alive; resolves when all have been sent, at the latest after `limitMs`. */
  async finish({ limitMs, after }: { limitMs: number } & Pick<Platform, "after">): Promise<void> {
    for (const outgoing of this.#answers.keys()) outgoing.shouldKeepAlive = false;
    if (this.#answers.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenFinished = resolve;
    const cancel = after(limitMs, resolve);
    await promise.finally(cancel);
  }
}
