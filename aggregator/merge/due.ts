// Which windows are to be told, and when: the first time once all regions have told theirs, or one was waited for long enough; then at
// most once a second, however many revisions come; and at the end all of them, as final.
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
  readonly #reached: { lastS: number; atMs: number }[] = [];
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
  take(nowMs: number, { firstS, lastS }: { firstS: number; lastS: number }): WindowAt[] {
    if (lastS > (this.#reached.at(-1)?.lastS ?? -Infinity)) this.#reached.push({ lastS, atMs: nowMs });
    while (this.#reached.length > 1 && this.#reached[0]!.atMs + this.#waitMs <= nowMs) {
      this.#waitedS = this.#reached.shift()!.lastS;
    }
    const [oldest] = this.#reached;
    if (oldest && oldest.atMs + this.#waitMs <= nowMs) this.#waitedS = oldest.lastS;
    const toS = Math.max(firstS, this.#waitedS);
    const due = [...this.#windows].filter(([endS]) => endS <= toS).sort(([a], [b]) => a - b)
      .flatMap(([, windows]) => [...windows.values()])
      .filter(({ isDue, toldMs }) => isDue && (toldMs === null || nowMs - toldMs >= REVISION_MS));
    for (const window of due) Object.assign(window, { isDue: false, toldMs: nowMs });
    return due;
  }

  /** All that end up to there: no other word of them comes. */
  finish(finalS: number): WindowAt[] {
    const ended = [...this.#windows].filter(([endS]) => endS <= finalS).sort(([a], [b]) => a - b);
    for (const [endS] of ended) this.#windows.delete(endS);
    return ended.flatMap(([, windows]) => [...windows.values()]);
  }
}
