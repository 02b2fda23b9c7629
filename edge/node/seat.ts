// One of a node's places: the process that is in it now, whether it is well, and when it is started again.
import type { Platform } from "../../platform/system.ts";
import type { FromMember, ToMember } from "../member/messages.ts";
import type { EdgeProcess } from "./process.ts";
import { ENDS_MAX, Restarts } from "./restarts.ts";

/** Checks, one a second, without a word from it: its event loop hangs, and its part of the port with it. */
const SILENT_CHECKS = 10;

export interface SeatParts extends Pick<Platform, "clock" | "after" | "log"> {
  number: number;
  start: (onMessage: (message: FromMember) => void) => EdgeProcess;
  /** It says something. */
  onMessage: (message: FromMember) => void;
  onEnded: () => void;
  /** It will not be started again. */
  onHopeless: (error: Error) => void;
}

export class Seat {
  readonly #parts: SeatParts;
  readonly #restarts = new Restarts();
  readonly #first = Promise.withResolvers<string>();
  #process: EdgeProcess | null = null;
  #startedMs = 0;
  #isListening = false;
  #hasListened = false;
  #silentChecks = 0;
  #isStopping = false;
  #cancelStart = () => {};

  constructor(parts: SeatParts) {
    this.#parts = parts;
  }

  /** Resolves with its URL when it listens for the first time. */
  get firstListening(): Promise<string> {
    return this.#first.promise;
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  get restarts(): number {
    return this.#restarts.count;
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  start(): void {
    const { clock, start } = this.#parts;
    this.#silentChecks = 0;
    this.#startedMs = clock();
    try {
      this.#process = start((message) => this.#heard(message));
    } catch (error) {
      // A machine without memory or processes to spare for the moment must not end the other edges.
      return this.#ended(`cannot be started (${error})`);
    }
    this.#process.ended.then((code) => this.#ended(`has ended with exit code ${code}`));
  }

  send(message: ToMember): void {
    this.#process?.send(message);
  }

  /** Once a second. */
  check(): void {
    if (!this.#isListening || ++this.#silentChecks < SILENT_CHECKS) return;
    this.#parts.log("warn", `edge ${this.#parts.number} says nothing any more: it is ended`);
    this.#process?.kill();
  }

  /** Asks it to hand over what it has, and resolves when it has ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancelStart();
    this.send({ kind: "stop" });
    await this.#process?.ended;
  }

  kill(): void {
    this.#process?.kill();
  }

  #heard(message: FromMember): void {
    this.#silentChecks = 0;
    if (message.kind === "listening") {
      this.#isListening = this.#hasListened = true;
      this.#first.resolve(message.url);
    }
    this.#parts.onMessage(message);
  }

  #ended(how: string): void {
    const { number, clock, after, log, onEnded, onHopeless } = this.#parts;
    this.#process = null;
    this.#isListening = false;
    onEnded();
    if (this.#isStopping) return;
    if (!this.#hasListened) {
      return onHopeless(new Error(`Cannot start: edge ${number} ${how} before it listened`));
    }
    const inMs = this.#restarts.ended(clock() - this.#startedMs);
    if (inMs === null) {
      return onHopeless(new Error(`Cannot go on: edge ${number} ${how}, for the ${ENDS_MAX}th time in a row`));
    }
    log("warn", `edge ${number} ${how}: it is started again in ${inMs} ms`);
    this.#cancelStart = after(inMs, () => this.start());
  }
}
