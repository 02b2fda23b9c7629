// One picture of a board, for whoever has no terminal.
import type { Board } from "./board.ts";
import { type FeedParts, follow } from "./feed.ts";
import { linesOf } from "./screen.ts";

/** Long enough for two reports, between which rates are told. */
const SEEN_MS_MAX = 10_000;

/** The board once it has rates; null fleet: nobody has told it in time. */
export async function seenOnce(parts: Omit<FeedParts, "onChange" | "signal">): Promise<Board> {
  const ending = new AbortController();
  let seen: Board | null = null;
  const cancel = parts.platform.after(SEEN_MS_MAX, () => ending.abort());
  await follow({
    ...parts,
    signal: ending.signal,
    onChange: (board) => {
      seen = board;
      if (board.before !== null || (board.fleet === null && board.trouble !== null)) ending.abort();
    },
  });
  cancel();
  return seen ?? { url: parts.url, trouble: "nothing comes back", fleet: null, before: null, alerts: new Map() };
}

export function pictureOf(board: Board, { nowMs, json }: { nowMs: number; json: boolean }): string {
  const { url, trouble, fleet, alerts } = board;
  if (json) return JSON.stringify({ url, trouble, fleet, alerts: [...alerts.values()] });
  return linesOf(board, { nowMs }).map(({ text }) => text.trimEnd()).join("\n");
}
