// One request to a receiver, and what its answer means.
import type { Platform } from "../../platform/system.ts";

/**
 * `delivered`: it has it. `refused`: it does not want this one, and another try would hardly change that. `failed`: it could not
 * take it now, or was not there; `retryAfterMs`: it says when to come again.
 */
export type Answer =
  | { outcome: "delivered" }
  | { outcome: "refused" | "failed"; why: string; retryAfterMs: number };

export interface Request {
  url: string;
  headers: Record<string, string>;
  body: string;
  timeoutMs: number;
}

/** Sends it; never rejects. */
export type Post = (request: Request) => Promise<Answer>;

/** Whatever a receiver says beyond this ends its connection. */
const ANSWER_BYTES_MAX = 16 << 10;
const RETRY_AFTER_MS_MAX = 3_600_000;
/** It will be another answer some time. */
const PASSING = [408, 425, 429];

/** Posts by `fetch`, with verified TLS, and follows nobody elsewhere. */
export function poster({ after, now }: Pick<Platform, "after" | "now">, client: Deno.HttpClient): Post {
  return async ({ url, headers, body, timeoutMs }) => {
    // Where it leads in full may be a secret, and has no place in what is told.
    const { href, origin } = new URL(url);
    const abort = new AbortController();
    const cancel = after(timeoutMs, () => abort.abort(`no answer within ${timeoutMs / 1000} s`));
    try {
      const { signal } = abort;
      const response = await fetch(href, { method: "POST", headers, body, redirect: "manual", signal, client });
      await discard(response);
      return answerOf(response, now());
    } catch (error) {
      return { outcome: "failed", why: reasonOf(error).replaceAll(href, origin), retryAfterMs: 0 };
    } finally {
      cancel();
    }
  };
}

/** `nowMs`: Unix ms. */
export function answerOf({ status, headers }: Pick<Response, "status" | "headers">, nowMs: number): Answer {
  if (status >= 200 && status < 300) return { outcome: "delivered" };
  const outcome = status >= 500 || PASSING.includes(status) ? "failed" : "refused";
  return { outcome, why: `status ${status}`, retryAfterMs: retryAfterMs(headers.get("retry-after"), nowMs) };
}

function retryAfterMs(text: string | null, nowMs: number): number {
  if (text === null) return 0;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return ms > 0 ? Math.min(ms, RETRY_AFTER_MS_MAX) : 0;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

// A connection is used again only once its answer was read.
async function discard({ body }: Response): Promise<void> {
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) break;
  }
}
