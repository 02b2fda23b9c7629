// By which token a drone proves who it is: asked for before the first connection, in time before it ends, and again when an
// edge does not believe it.

/** A token (JWT), or a promise of one. */
export type TokenSource = () => string | Promise<string>;

export interface TokensParts {
  source: TokenSource;
  /** Unix ms. */
  now: () => number;
  /** 0 to 1. */
  random: () => number;
  /** Runs `fn` after `ms`; the answer cancels it. */
  after: (ms: number, fn: () => void) => () => void;
  /** There is another one. */
  onToken: () => void;
  /** The source failed; it is asked again. */
  onFailed: (error: unknown) => void;
}

/** Of the time that a token is good for, when the next one is asked for. */
const RENEWED_SHARE = 0.8;
const RETRY_MS_MIN = 1000;
const RETRY_MS_MAX = 60_000;
/** Longer than timers are. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class Tokens {
  readonly #parts: TokensParts;
  #current: string | null = null;
  #isAsking = false;
  #isClosed = false;
  #failures = 0;
  #cancel = () => {};

  constructor(parts: TokensParts) {
    this.#parts = parts;
  }

  /** Null before there is one. */
  get current(): string | null {
    return this.#current;
  }

  /** Asks for a token: the first, or another one because nobody believes this. */
  renew(): void {
    if (this.#isAsking || this.#isClosed) return;
    this.#isAsking = true;
    this.#cancel();
    this.#ask().then((token) => this.#take(token), (error) => this.#failed(error));
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  async #ask(): Promise<string> {
    const token = await this.#parts.source();
    // It travels as the name of a subprotocol.
    if (typeof token !== "string" || !/^[\w.-]+$/.test(token)) throw new TypeError("Cannot use token: it is no JWT");
    return token;
  }

  #take(token: string): void {
    this.#isAsking = false;
    if (this.#isClosed) return;
    this.#failures = 0;
    this.#current = token;
    const leftMs = (endMs(token) ?? Infinity) - this.#parts.now();
    if (leftMs * RENEWED_SHARE < TIMER_MS_MAX) {
      this.#cancel = this.#parts.after(Math.max(RETRY_MS_MIN, leftMs * RENEWED_SHARE), () => this.renew());
    }
    this.#parts.onToken();
  }

  #failed(error: unknown): void {
    this.#isAsking = false;
    if (this.#isClosed) return;
    const limitMs = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** ++this.#failures);
    this.#cancel = this.#parts.after(limitMs * (0.5 + this.#parts.random() / 2), () => this.renew());
    this.#parts.onFailed(error);
  }
}

/** When a JWT says that it ends, Unix ms; null: it does not say. */
function endMs(token: string): number | null {
  try {
    const payload = atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"));
    const { exp } = JSON.parse(payload);
    return typeof exp === "number" ? exp * 1000 : null;
  } catch (error) {
    // What is not readable here may be to an edge.
    if (error instanceof SyntaxError || error instanceof DOMException) return null;
    throw error;
  }
}
