// Has a thread of its own (history_worker.ts) answer questions to the history, one at a time. Questions that wait are bounded, and so
// is the time for an answer; a thread that fails, or does not answer in time, is replaced.
import type { Answer, Question, Unanswered } from "./history.ts";

/** What the thread is told once it has the database's path, and what it tells. */
export type Telling = Question | "close";
export type Told = Answer | "closed";

/** A thread, as far as it is used here: a Worker. */
export type Thread = Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror" | "onmessageerror">;

export interface HistoryThreadParts {
  /** The database's file. */
  path: string;
  /** Runs `fn` once after `ms`; the result cancels it. */
  after: (ms: number, fn: () => void) => () => void;
  log: (level: "info" | "warn", message: string) => void;
  start?: () => Thread;
}

const QUESTIONS_MAX = 32;
/** From the question on, its wait for others included. */
const ANSWER_MS_MAX = 5000;
/** A thread that cannot work is not started without end. */
const RESTART_MS = 1000;
const CLOSE_MS_MAX = 1000;

interface Waiting {
  question: Question;
  answer: (answer: Answer) => void;
}

/** The history's thread, started with this. */
export class HistoryThread {
  readonly #parts: HistoryThreadParts;
  /** Null: a new one is about to start. */
  #thread: Thread | null = null;
  #asked: Waiting | null = null;
  #waiting: Waiting[] = [];
  #cancelStart: () => void = () => {};
  #whenClosed: (() => void) | null = null;

  constructor(parts: HistoryThreadParts) {
    this.#parts = parts;
    this.#start();
  }

  /** Never rejects. */
  ask(question: Question): Promise<Answer> {
    if (this.#whenClosed) return Promise.resolve(CLOSED);
    const waiting = this.#waiting.length;
    if (waiting >= QUESTIONS_MAX) {
      return Promise.resolve({ status: 503, error: `Cannot look it up: ${waiting} others wait for it already` });
    }
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const mine: Waiting = {
      question,
      answer: (answer) => {
        cancel();
        resolve(answer);
      },
    };
    const cancel = this.#parts.after(ANSWER_MS_MAX, () => this.#tooLate(mine));
    this.#waiting.push(mine);
    this.#next();
    return promise;
  }

  /** Answers nobody any more; resolves when the thread has let go of the database, or will not. */
  async close(): Promise<void> {
    if (this.#whenClosed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenClosed = resolve;
    this.#cancelStart();
    for (const { answer } of this.#waiting.splice(0)) answer(CLOSED);
    if (!this.#thread) return;
    const cancel = this.#parts.after(CLOSE_MS_MAX, resolve);
    this.#thread.postMessage("close" satisfies Telling);
    await promise;
    cancel();
    this.#settle(CLOSED);
    this.#thread?.terminate();
    this.#thread = null;
  }

  #start(): void {
    const { path, start = startWorker } = this.#parts;
    const thread = start();
    const failed = (why: string) => {
      if (thread === this.#thread) this.#replace({ status: 503, error: `Cannot look it up: ${why}` });
    };
    thread.onmessage = ({ data }: MessageEvent<Told>) => {
      if (thread !== this.#thread) return;
      if (data === "closed") return this.#whenClosed?.();
      if ("error" in data && data.status === 503) this.#parts.log("warn", data.error);
      this.#settle(data);
    };
    thread.onerror = (event) => {
      // Otherwise the error is the process's.
      event.preventDefault();
      failed(event.message);
    };
    thread.onmessageerror = () => failed("the answer cannot be read");
    this.#thread = thread;
    thread.postMessage(path);
    this.#next();
  }

  #next(): void {
    if (!this.#thread || this.#asked) return;
    this.#asked = this.#waiting.shift() ?? null;
    if (this.#asked) this.#thread.postMessage(this.#asked.question satisfies Telling);
  }

  #settle(answer: Answer): void {
    const asked = this.#asked;
    this.#asked = null;
    asked?.answer(answer);
    this.#next();
  }

  #tooLate(mine: Waiting): void {
    const within = `within ${ANSWER_MS_MAX / 1000} s`;
    if (mine === this.#asked) return this.#replace({ status: 504, error: `Cannot look it up ${within}` });
    this.#waiting = this.#waiting.filter((waiting) => waiting !== mine);
    mine.answer({ status: 503, error: `Cannot look it up ${within}: others were first` });
  }

  #replace(answer: Unanswered): void {
    const { after, log } = this.#parts;
    log(
      "warn",
      `${answer.error}; the history's thread is replaced, it was asked ${JSON.stringify(this.#asked?.question)}`,
    );
    this.#thread?.terminate();
    this.#thread = null;
    if (this.#whenClosed) this.#whenClosed();
    else this.#cancelStart = after(RESTART_MS, () => this.#start());
    this.#settle(answer);
  }
}

const CLOSED: Unanswered = { status: 503, error: "Cannot look it up: the aggregator is stopping" };

function startWorker(): Thread {
  return new Worker(new URL("./history_worker.ts", import.meta.url), { type: "module", name: "history" });
}
