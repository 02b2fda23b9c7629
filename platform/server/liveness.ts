// What a WebSocket's peer gives to see of itself: whether it is there, sends messages that come to their end, and no flood of
// pings or messages.
import type { SocketLimits } from "./server.ts";

/** A peer that was silent for so many seconds is asked for a sign of life, and then given up. */
const PING_AFTER_S = 15;
const SILENT_S_MAX = 30;
/** Pings without messages between them that are too many, and how many a second are none. */
const PINGS_MAX = 200;
const PINGS_FORGIVEN_PER_S = 20;
/** Of a ping, masked as a client's are, before its payload. */
const PING_HEADER_BYTES = 6;

/** What is to be done about it: nothing, a ping, or its end. */
export type Verdict = "alive" | "ask" | "silent" | "slow";

export class Liveness {
  readonly #messageS: number;
  readonly #messagesPerSMax: number;
  #messages = 0;
  #heard = false;
  #silentS = 0;
  /** Bytes that belong to no message that has come to its end; how long there have been any. */
  #unfinishedBytes = 0;
  #unfinishedS = 0;
  #pings = 0;

  constructor({ messageMs, messagesPerSMax }: Pick<SocketLimits, "messageMs" | "messagesPerSMax">) {
    this.#messagesPerSMax = messagesPerSMax;
    this.#messageS = Math.ceil(messageMs / 1000);
  }

  /** Bytes have come, whatever they are. */
  bytes(count: number): void {
    this.#heard = true;
    this.#unfinishedBytes += count;
  }

  /** A message has come to its end; what came behind it in the same read is judged when more comes. @returns false: one too many */
  message(): boolean {
    this.#unfinishedBytes = 0;
    this.#unfinishedS = 0;
    if (this.#pings > 0) this.#pings--;
    return ++this.#messages <= this.#messagesPerSMax;
  }

  /** A ping or pong of so many bytes has come, perhaps within a message of several parts. @returns false: one too many */
  control(bytes: number): boolean {
    this.#unfinishedBytes = Math.max(0, this.#unfinishedBytes - PING_HEADER_BYTES - bytes);
    if (this.#unfinishedBytes === 0) this.#unfinishedS = 0;
    return ++this.#pings <= PINGS_MAX;
  }

  /** A second has passed. */
  second(): Verdict {
    this.#silentS = this.#heard ? 0 : this.#silentS + 1;
    this.#heard = false;
    this.#messages = 0;
    this.#pings = Math.max(0, this.#pings - PINGS_FORGIVEN_PER_S);
    this.#unfinishedS = this.#unfinishedBytes > 0 ? this.#unfinishedS + 1 : 0;
    if (this.#unfinishedS > this.#messageS) return "slow";
    if (this.#silentS >= SILENT_S_MAX) return "silent";
    return this.#silentS === PING_AFTER_S ? "ask" : "alive";
  }
}
