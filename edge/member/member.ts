// An edge's end of its node: which place it has, what it may let in, and what it answers for itself and asks of all.
import type { Platform } from "../../platform/system.ts";
import { TextLineStream } from "../../platform/text_lines.ts";
import {
  type FromMember,
  lineOf,
  type Question,
  type Rate,
  readLine,
  REPORT_MS,
  type ToMember,
  type View,
  type Welcome,
} from "./messages.ts";

export interface MemberPipes {
  stdin: ReadableStream<Uint8Array<ArrayBuffer>>;
  stdout: WritableStream<Uint8Array<ArrayBuffer>>;
  /** The node has ended, however: nobody answers for this edge any more. */
  onOrphaned: () => void;
}

/** What the node hears and has of the edge itself. */
export interface Own {
  answer: (question: Question) => View | Promise<View>;
  /** Records that were to be let in, since it started. */
  received: () => number;
  setNodeRate: (ratePerS: number) => void;
  after: Platform["after"];
  every: Platform["every"];
  log: Platform["log"];
}

/** What an edge has of a node, if it is in one. */
export interface OfNode {
  member?: Pick<Member, "join">;
  /** Where its batches are kept, if not where the zones are. */
  backlogKv?: Deno.Kv | null;
}

/** What an edge asks of its node instead of itself. It throws when the node does not answer. */
export type Ask = (question: Question) => Promise<View>;

/** The node itself waits for its edges less long. */
const ANSWER_MS_MAX = 3000;

/** An edge among those of a node. */
export class Member {
  readonly welcome: Welcome;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #asked = new Map<number, (view: View) => void>();
  #questions = 0;
  #own: Own | null = null;
  #rate: Rate;
  #onStop = () => {};
  #isToStop = false;

  private constructor(welcome: Welcome, { stdout }: MemberPipes) {
    this.welcome = welcome;
    this.#writer = stdout.getWriter();
    this.#rate = { ratePerS: welcome.ratePerS, order: 0 };
  }

  /** Resolves with the node's first word. @throws {TypeError} when that is no welcome */
  static async open(pipes: MemberPipes): Promise<Member> {
    const lines = pipes.stdin.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream()).getReader();
    const { value = "" } = await lines.read();
    const first = readLine<ToMember>(value);
    if (first?.kind !== "welcome") throw new TypeError("Cannot join the node: its first word is no welcome");
    const member = new Member(first, pipes);
    member.#follow(lines).finally(pipes.onOrphaned);
    return member;
  }

  listening(url: string): void {
    this.#tell({ kind: "listening", url });
  }

  /** Hears when the node is told to end, also if that was before. */
  onStop(stop: () => void): void {
    this.#onStop = stop;
    if (this.#isToStop) stop();
  }

  /** From now on the edge is heard of, and answers. @returns how it asks all */
  join(own: Own): Ask {
    this.#own = own;
    let told = own.received();
    own.every(REPORT_MS, () => {
      const received = own.received();
      this.#tell({ kind: "report", rate: this.#rate, records: received - told });
      told = received;
    });
    return (question) => {
      const { promise, resolve, reject } = Promise.withResolvers<View>();
      const id = ++this.#questions;
      const cancel = own.after(ANSWER_MS_MAX, () => reject(new Error("Cannot ask the node: it does not answer")));
      this.#asked.set(id, resolve);
      this.#tell({ kind: "question", id, question });
      return promise.finally(() => {
        cancel();
        this.#asked.delete(id);
      });
    };
  }

  async #follow(lines: ReadableStreamDefaultReader<string>): Promise<void> {
    for (;;) {
      const { value, done } = await lines.read();
      if (done) return;
      const message = readLine<ToMember>(value);
      if (message) this.#heard(message);
    }
  }

  #heard(message: ToMember): void {
    if (message.kind === "rate") {
      const { ratePerS, order } = message;
      this.#rate = { ratePerS, order };
      this.#own?.setNodeRate(ratePerS);
    } else if (message.kind === "question") {
      this.#answer(message.id, message.question);
    } else if (message.kind === "answer") {
      this.#asked.get(message.id)?.(message.view);
    } else if (message.kind === "stop") {
      this.#isToStop = true;
      this.#onStop();
    }
  }

  async #answer(id: number, question: Question): Promise<void> {
    // Before it has joined there is nothing to tell.
    if (!this.#own) return;
    try {
      this.#tell({ kind: "answer", id, view: await this.#own.answer(question) });
    } catch (error) {
      this.#own.log("warn", `Cannot answer the node about ${question.about}: ${error}`);
    }
  }

  #tell(message: FromMember): void {
    // A node that does not read any more has ended: its end of the other pipe says so.
    this.#writer.write(lineOf(message)).catch(() => {});
  }
}
