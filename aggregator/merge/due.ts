// Which windows are to be told, and when: the first time once all regions have told theirs, or one was waited for long enough; then at
// most once a second, however many revisions come; and at the end all of them, as final. In the order in which they end, and no
// further than whoever tells them goes on asking: a window is told once the next one is asked for.
import type { WindowAt } from "./global_window.ts";

interface Window extends WindowAt {
  isDue: boolean;
  /** Null: it was never told. */
  toldMs: number | null;
}

const REVISION_MS = 1000;

export class Due {
  readonly #waitMs: number;
  /** By end, in s, then by what they are of; all that are not final. */
  readonly #windows = new Map<number, Map<string, Window>>();
  /** When the first region had told windows up to there. */
  #reached: { lastS: number; atMs: number }[] = [];
  /** Nobody waits for windows that end up to there. */
  #waitedS = -Infinity;

  constructor({ waitMs }: { waitMs: number }) {
    this.#waitMs = waitMs;
  }

  add(at: WindowAt): void {
    let windows = this.#windows.get(at.endS);
    if (!windows) this.#windows.set(at.endS, windows = new Map());
    const key = JSON.stringify([at.kind, at.fleet, at.zone]);
    const window = windows.get(key);
    if (window) window.isDue = true;
    else windows.set(key, { ...at, isDue: true, toldMs: null });
  }

  /** Those that were told and end there. */
  again({ afterS, toS }: { afterS: number; toS: number }): void {
    for (const [endS, windows] of this.#windows) {
      if (endS <= afterS || endS > toS) continue;
      for (const window of windows.values()) if (window.toldMs !== null) window.isDue = true;
    }
  }

  /** @param regions up to where the first of them is, and the last: the one that is behind, and the one that is ahead */
  *take(nowMs: number, regions: { firstS: number; lastS: number }): Generator<WindowAt> {
    const toS = this.#toS(nowMs, regions);
    for (const endS of this.endsUpTo(toS)) {
      for (const window of this.#windows.get(endS)!.values()) {
        const { isDue, toldMs } = window;
        if (!isDue || (toldMs !== null && nowMs - toldMs < REVISION_MS)) continue;
        yield window;
        Object.assign(window, { isDue: false, toldMs: nowMs });
      }
    }
  }

  /** All that end there: no other word of them comes. */
  *finish(endS: number): Generator<WindowAt> {
    const windows = this.#windows.get(endS);
    for (const [key, window] of windows ?? []) {
      yield window;
      windows!.delete(key);
    }
    this.#windows.delete(endS);
  }

  /** In order, those at which windows end that are not final. */
  endsUpTo(toS: number): number[] {
    return [...this.#windows.keys()].filter((endS) => endS <= toS).sort((a, b) => a - b);
  }

  #toS(nowMs: number, { firstS, lastS }: { firstS: number; lastS: number }): number {
    const reachedS = this.#reached.at(-1)?.lastS ?? -Infinity;
    if (lastS < reachedS) this.#goBack(lastS);
    if (lastS > reachedS) this.#reached.push({ lastS, atMs: nowMs });
    while (this.#reached.length > 1 && this.#reached[0]!.atMs + this.#waitMs <= nowMs) {
      this.#waitedS = this.#reached.shift()!.lastS;
    }
    const [oldest] = this.#reached;
    if (oldest && oldest.atMs + this.#waitMs <= nowMs) this.#waitedS = oldest.lastS;
    return Math.max(firstS, this.#waitedS);
  }

  /** A region's clock was set back: windows that it had told are to come again, and are waited for as others are. */
  #goBack(lastS: number): void {
    this.#reached = this.#reached.filter((reached) => reached.lastS <= lastS);
    this.#waitedS = Math.min(this.#waitedS, lastS);
  }
}
