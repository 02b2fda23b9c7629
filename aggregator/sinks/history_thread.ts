// Has a thread of its own (history_worker.ts) answer questions to the history, one at a time, and do SQLite's
// checkpoints. Questions that wait are bounded, and so is the time for an answer; a thread that fails, or does not answer
// in time, is replaced.
import type { Answer, Question, Unanswered } from "./history.ts";

/** What the thread is told once it has the database's path, and what it tells. */
export type Telling = Question | { what: "checkpoint" } | { what: "close" };
export type Told = { of: "question"; answer: Answer } | { of: "checkpoint"; error: string | null } | { of: "close" };

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
  #checkpointing = false;
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

  /** Has the thread move what was written from SQLite's log to its place: that syncs, and must not hold up the writer. */
  checkpoint(): void {
    if (this.#checkpointing || !this.#thread) return;
    this.#checkpointing = true;
    this.#tell({ what: "checkpoint" });
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
    this.#tell({ what: "close" });
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
      if (thread === this.#thread) this.#hear(data);
    };
    thread.onerror = (event) => {
      // Otherwise the error is the process's.
      event.preventDefault();
      failed(event.message);
    };
    thread.onmessageerror = () => failed("the answer cannot be read");
    this.#thread = thread;
    this.#checkpointing = false;
    thread.postMessage(path);
    this.#next();
  }

  #tell(telling: Telling): void {
    this.#thread?.postMessage(telling);
  }

  #hear(told: Told): void {
    const { log } = this.#parts;
    switch (told.of) {
      case "question":
        if ("error" in told.answer && told.answer.status === 503) log("warn", told.answer.error);
        return this.#settle(told.answer);
      case "checkpoint":
        this.#checkpointing = false;
        if (told.error !== null) log("warn", `Cannot checkpoint the database: ${told.error}`);
        return;
      case "close":
        return this.#whenClosed?.();
    }
  }

  #next(): void {
    if (!this.#thread || this.#asked) return;
    this.#asked = this.#waiting.shift() ?? null;
    if (this.#asked) this.#tell(this.#asked.question);
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
      `${answer.error}; the history's thread is replaced, it was asked for ${this.#asked?.question.what}`,
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
