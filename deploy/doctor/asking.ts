// Asks a process over HTTP in somebody's name; that it does not answer is an answer, and says why.

/** Why there is none: nobody listens, the name is unknown, TLS was refused, nothing came, or what came is no HTTP. */
export type Silence = "refused" | "unknown name" | "certificate" | "silent" | "no HTTP" | "broken";

export type Answer =
  | { status: number; text: string; askedMs: number; answeredMs: number }
  | { silence: Silence; said: string };

export interface AskingParts {
  /** By what is trusted. */
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  token: string | null;
  /** Unix ms. */
  now: () => number;
}

const ANSWER_MS_MAX = 4000;
const ANSWER_BYTES_MAX = 8 << 20;
/** By what the runtime says. */
const SILENCES: readonly (readonly [RegExp, Silence])[] = [
  [/connection refused/i, "refused"],
  [/dns error|failed to lookup/i, "unknown name"],
  [/certificate|handshake|tls/i, "certificate"],
  [/timed? ?out/i, "silent"],
  [/invalid http|http version|parse|incomplete message|before message completed|corrupt message/i, "no HTTP"],
];

export class Asking {
  readonly #parts: AskingParts;

  constructor(parts: AskingParts) {
    this.#parts = parts;
  }

  get hasToken(): boolean {
    return this.#parts.token !== null;
  }

  /** The answer with its body. */
  async get(url: string): Promise<Answer> {
    const { fetch, token, now } = this.#parts;
    const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
    const askedMs = now();
    try {
      const signal = AbortSignal.timeout(ANSWER_MS_MAX);
      const response = await fetch(url, { headers, redirect: "manual", signal });
      const answeredMs = now();
      return { status: response.status, text: await textOf(response), askedMs, answeredMs };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const said = deepest(error);
      return { silence: SILENCES.find(([pattern]) => pattern.test(said))?.[1] ?? "broken", said };
    }
  }
}

/** The JSON of a body; undefined: it has none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What an answer's body says is wrong. */
export function errorIn(text: string): string {
  const { error } = Object(jsonIn(text));
  return typeof error === "string" ? error : "it does not say why";
}

async function textOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for await (const part of body ?? []) {
    bytes += part.length;
    if (bytes > ANSWER_BYTES_MAX) break;
    text += decoder.decode(part, { stream: true });
  }
  return text;
}

function deepest(error: Error): string {
  return error.cause instanceof Error ? deepest(error.cause) : error.message;
}
