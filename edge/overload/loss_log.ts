// What the log says about losses: a line a second at most, whatever is lost, with how much of what.
import type { Counters } from "../counters.ts";
import type { Platform } from "../../platform/system.ts";
import type { Ledger } from "./ledger.ts";

export class LossLog {
  readonly #platform: Pick<Platform, "log" | "pseudonym">;
  readonly #noted = new Map<string, { count: number; why: string }>();
  #refused = 0;
  #shed = 0;

  constructor(platform: Pick<Platform, "log" | "pseudonym">) {
    this.#platform = platform;
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

  /** Once a second: says what was lost since, and of whom last. */
  advance({ refused, shed }: Pick<Counters, "refused" | "shed">, { lastDroneId }: Pick<Ledger, "lastDroneId">): void {
    if (refused > this.#refused) this.note("records refused", refused - this.#refused);
    if (shed > this.#shed) this.note("records shed", shed - this.#shed);
    this.#refused = refused;
    this.#shed = shed;
    if (this.#noted.size === 0) return;
    const line = Array.from(this.#noted, ([what, { count, why }]) => `${count} ${what}${why}`).join(", ");
    const { log, pseudonym } = this.#platform;
    const last = lastDroneId === null ? "" : `, the last of ${pseudonym(lastDroneId)}`;
    log("warn", `${line}${last}; see /v1/losses at the aggregator`);
    this.#noted.clear();
  }
}
