// A server that is not ours, which can be killed and come back: it is there once it listens.
import type { Command } from "./command.ts";

const READY_MS_MAX = 60_000;
const POLL_MS = 50;

export class Killable {
  readonly #name: string;
  readonly #port: number;
  #child: Deno.ChildProcess | null = null;

  /** @param name for people; @param port on loopback, where it will listen */
  constructor(name: string, port: number) {
    this.#name = name;
    this.#port = port;
  }

  /** @throws {Error} when it does not listen in time */
  async start(command: Command): Promise<void> {
    this.#child = command.spawn();
    for (const endMs = performance.now() + READY_MS_MAX; performance.now() < endMs;) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port: this.#port })).close();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    }
    throw new Error(`Cannot start ${this.#name}: it does not listen`);
  }

  get pid(): number {
    if (!this.#child) throw new Error(`Cannot look at ${this.#name}: it does not run`);
    return this.#child.pid;
  }

  async kill(): Promise<void> {
    try {
      this.#child?.kill("SIGKILL");
    } catch (error) {
      // It has ended by itself.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#child?.status;
    this.#child = null;
  }
}
