// The names of @std/testing/time over @sinonjs/fake-timers, for machines that cannot reach JSR.
import { type Clock, install } from "@sinonjs/fake-timers";

/** Replaces the clock and the timers of this realm until it is restored or disposed. */
export class FakeTime implements Disposable {
  readonly #clock: Clock;

  constructor(start: number | Date = 0) {
    this.#clock = install({
      now: start,
      toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"],
    });
  }

  get now(): number {
    return this.#clock.now;
  }

  tick(ms = 0): void {
    this.#clock.tick(ms);
  }

  async tickAsync(ms = 0): Promise<void> {
    await this.#clock.tickAsync(ms);
  }

  runMicrotasks(): Promise<void> {
    return Promise.resolve();
  }

  restore(): void {
    this.#clock.uninstall();
  }

  [Symbol.dispose](): void {
    this.restore();
  }
}
