// What the log says about losses: a line a second at most, whatever is lost, with how much of what.
import type { Counters } from "../counters.ts";
import type { Platform } from "../../platform/system.ts";

export class LossLog {
  readonly #log: Platform["log"];
  readonly #noted = new Map<string, { count: number; why: string }>();
  #refused = 0;
  #shed = 0;

  constructor({ log }: Pick<Platform, "log">) {
    this.#log = log;
  }

  /** `what`: as in "3 records that…"; `why`: the latest reason. */
  note(what: string, count: number, why?: unknown): void {
    const before = this.#noted.get(what)?.count ?? 0;
    this.#noted.set(what, { count: before + count, why: why === undefined ? "" : `: ${why}` });
  }

  /** An instance of the hot path trapped, and was replaced. */
  trapped(error: unknown, counters: Pick<Counters, "hotPathTraps">): void {
    counters.hotPathTraps++;
    this.note("traps of the hot path", 1, error);
  }

  /** Once a second: says what was lost since. */
  advance({ refused, shed }: Pick<Counters, "refused" | "shed">): void {
    if (refused > this.#refused) this.note("records refused", refused - this.#refused);
    if (shed > this.#shed) this.note("records shed", shed - this.#shed);
    this.#refused = refused;
    this.#shed = shed;
    if (this.#noted.size === 0) return;
    const line = Array.from(this.#noted, ([what, { count, why }]) => `${count} ${what}${why}`).join(", ");
    this.#log("warn", `${line}; see /v1/losses at the aggregator`);
    this.#noted.clear();
  }
}
