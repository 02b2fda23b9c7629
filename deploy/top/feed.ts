// Keeps a board up to date from an aggregator's events, and connects again for as long as it is wanted.
import type { Platform } from "../../platform/system.ts";
import { type Board, changed, connected, emptyBoard, lost, reported } from "./board.ts";
import { readAlert, readAlerts, readFleet } from "./facts.ts";
import { serverEvents } from "./server_events.ts";

export interface FeedParts {
  /** Of the aggregator, without a slash at its end. */
  url: string;
  /** In somebody's name. */
  ask: (url: string, signal: AbortSignal) => Promise<Response>;
  platform: Pick<Platform, "after">;
  onChange: (board: Board) => void;
  /** Ends it. */
  signal: AbortSignal;
}

const RETRY_MS = 1000;
/** The fleet is told each second: one that says nothing for so long is not there. */
const SILENT_MS_MAX = 5000;
const OPEN_ALERTS = "/v1/alerts?state=open&limit=1000";

/** Resolves when it was ended. */
export async function follow({ url, ask, platform, onChange, signal }: FeedParts): Promise<void> {
  let board = emptyBoard(url);
  const become = (next: Board) => onChange(board = next);
  while (!signal.aborted) {
    const listening = new AbortController();
    const end = () => listening.abort(signal.reason);
    signal.addEventListener("abort", end);
    let cancelSilence = () => {};
    const heard = () => {
      cancelSilence();
      cancelSilence = platform.after(SILENT_MS_MAX, () => listening.abort(new Error("it says nothing")));
    };
    heard();
    try {
      const events = await answered(ask(`${url}/v1/events?only=fleet,alert`, listening.signal));
      // What is open now comes behind the events' beginning: nothing falls between them.
      const { alerts } = readAlerts(await (await answered(ask(`${url}${OPEN_ALERTS}`, listening.signal))).json()) ??
        refuse("it tells of alerts what nobody understands");
      become(connected(board, alerts));
      for await (const { event, data } of serverEvents(events.body ?? refuse("it tells nothing"))) {
        heard();
        if (event === "alert") {
          become(changed(board, readAlert(JSON.parse(data)) ?? refuse("it tells of an alert what nobody understands")));
        } else if (event === "fleet") {
          become(
            reported(board, readFleet(JSON.parse(data)) ?? refuse("it tells of the fleet what nobody understands")),
          );
        }
      }
      become(lost(board, "it has ended the events"));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (!signal.aborted) {
        become(lost(board, why(listening.signal.reason instanceof Error ? listening.signal.reason : error)));
      }
    } finally {
      cancelSilence();
      signal.removeEventListener("abort", end);
      listening.abort();
    }
    if (!signal.aborted) await pause(RETRY_MS, { platform, signal });
  }
}

async function answered(asking: Promise<Response>): Promise<Response> {
  const response = await asking;
  if (response.ok) return response;
  const { error } = Object(await response.json().catch(() => null));
  return refuse(`it answers with ${response.status}${typeof error === "string" ? `: ${error}` : ""}`);
}

function refuse(why: string): never {
  throw new Error(why);
}

function why(error: Error): string {
  return error.cause instanceof Error ? why(error.cause) : error.message;
}

function pause(ms: number, { platform, signal }: Pick<FeedParts, "platform" | "signal">): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = platform.after(ms, resolve);
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise.finally(cancel);
}
