// Questions to the aggregator that always end: with an answer, or with a sentence that says why there is none.

const LIMIT_MS = 5000;
/** What the window hears when an answer says that nobody knows who asks. */
export const SESSION_ENDED = "slipstream-session-ended";

/** @returns `{body}`, or `{error}` as a sentence without a full stop, with `status` when there was an answer at all */
export async function ask(path, { limitMs = LIMIT_MS, ...options } = {}) {
  try {
    const response = await fetch(path, { ...options, signal: AbortSignal.timeout(limitMs) });
    if (response.status === 401) dispatchEvent(new Event(SESSION_ENDED));
    const body = response.status === 204 ? {} : await response.json().catch(() => null);
    if (response.ok && body !== null) return { body, status: response.status };
    return { error: body?.error ?? `the aggregator answered ${response.status}`, status: response.status };
  } catch (error) {
    if (error.name === "TimeoutError") return { error: `no answer within ${limitMs / 1000} s` };
    return { error: "the aggregator cannot be reached" };
  }
}
