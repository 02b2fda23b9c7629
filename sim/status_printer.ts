// Prints the status line once a second, and alerts as they change.
import { type Observation, observe, type Urls } from "./observer.ts";
import type { Platform } from "../platform/system.ts";
import { alertLine, statusLine } from "./status_line.ts";

export interface StatusPrinterParts {
  urls: Urls;
  platform: Pick<Platform, "now" | "after">;
  print: (line: string) => void;
  /** How late the simulator sends. */
  simulatorLagMs: () => number;
  /** The demo ends: nobody needs to answer any more. */
  signal: AbortSignal;
}

const PERIOD_MS = 1000;

export class StatusPrinter {
  readonly #parts: StatusPrinterParts;
  /** The last transition printed of each alert. */
  readonly #printed = new Map<number, number>();
  #startMs = 0;
  #last: { atMs: number; seen: Observation } | null = null;
  #cancel = () => {};
  #printing: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: StatusPrinterParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#startMs = this.#parts.platform.now();
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#printing;
  }

  #schedule(): void {
    this.#cancel = this.#parts.platform.after(PERIOD_MS, () => {
      this.#printing = this.#printStatus().finally(() => this.#stopped || this.#schedule());
    });
  }

  async #printStatus(): Promise<void> {
    const { urls, platform, print, signal } = this.#parts;
    let seen: Observation;
    try {
      seen = await observe(urls);
    } catch (error) {
      if (!this.#stopped && !signal.aborted) print(`${error instanceof Error ? error.message : error}`);
      return;
    }
    const atMs = platform.now();
    const last = this.#last;
    this.#last = { atMs, seen };
    for (const alert of seen.alerts) {
      if (this.#printed.get(alert.alertId) === alert.changedTimeUs) continue;
      this.#printed.set(alert.alertId, alert.changedTimeUs);
      print(alertLine(alert));
    }
    if (!last) return;
    const ageS = (atMs - this.#startMs) / 1000;
    const simulatorLagMs = this.#parts.simulatorLagMs();
    print(statusLine({ before: last.seen, now: seen, seconds: (atMs - last.atMs) / 1000, ageS, simulatorLagMs }));
  }
}
