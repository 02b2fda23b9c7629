// One drone's or gateway's connection: what may be written to it, which slots have spoken through it, and how it behaves.
import { ANYONE, type Identity } from "../../identity/identity.ts";
import { CloseCode, DRONE_ID_BYTES_MAX } from "../../proto/words.ts";
import type { Word } from "./downlink.ts";
import { Flood } from "./flood.ts";
import { FrameFaults } from "./frame_faults.ts";
import { Sources } from "./sources.ts";

/** Bytes waiting in the socket above which nothing more is written to it: what is to be said waits, or is not said. */
export const BUFFERED_BYTES_MAX = 1 << 20;
/** A peer that takes nothing of a full buffer for so long is given up. */
const STUCK_MS_MAX = 30_000;
/** What is no accident any more. A gateway of many drones may well be refused hundreds of frames a second. */
const MALFORMED = { max: 100, forgivenPerS: 10 };
const REFUSED = { max: 5000, forgivenPerS: 500 };

/** What is spoken: protobuf or JSON over a WebSocket, MQTT, or MAVLink. */
export const PROTOCOLS = ["websocket", "json", "mqtt", "mavlink"] as const;
export type Protocol = typeof PROTOCOLS[number];

/** What carries a connection, and puts what is said to a drone into the words of its protocol. */
export interface Wire {
  readonly protocol: Protocol;
  readonly open: boolean;
  /** Its peer repeats what was refused, and acknowledges warnings. */
  readonly isReliable: boolean;
  /** Handed over to be sent, since it began. */
  readonly sentBytes: number;
  /** Of those not yet taken by the peer, or by the kernel for it. */
  readonly bufferedBytes: number;
  /** @returns false when its protocol has no words for that, or its peer does not want to hear it */
  send(word: Word): boolean;
  /** By the close codes of a WebSocket; nothing happens when it is closed. */
  close(code: number, reason: string): void;
}

export class Connection {
  readonly #wire: Wire;
  readonly #clock: () => number;
  /** Who is at the other end. */
  readonly identity: Identity;
  /** The id of the only drone for which it speaks; null: there are others, or it has none. */
  readonly onlyId: Uint8Array<ArrayBuffer> | null;
  /** The slots of which it is a speaker: see Slots. */
  readonly slots = new Set<number>();
  readonly malformed = new Flood(MALFORMED);
  readonly refused = new Flood(REFUSED);
  readonly faults = new FrameFaults();
  readonly sources = new Sources();
  /** When it was told anything of its frames last. */
  #toldMs: number;
  /** It has sent a frame since. */
  #isOwed = false;
  /** The peer, or the kernel for it, had taken so many bytes when that was looked at last. */
  #takenBytes = 0;
  #stuckSinceMs: number | null = null;

  /** `clock`: monotonic ms. */
  constructor(wire: Wire, { clock, identity = ANYONE }: { clock: () => number; identity?: Identity }) {
    this.#wire = wire;
    this.#clock = clock;
    this.identity = identity;
    this.onlyId = onlyIdOf(identity);
    this.#toldMs = clock();
  }

  get open(): boolean {
    return this.#wire.open;
  }

  /** What was refused comes again, and warnings are acknowledged. */
  get isReliable(): boolean {
    return this.#wire.isReliable;
  }

  /** False while the peer does not read what it was sent, and once the socket closes. */
  get writable(): boolean {
    return this.open && this.#wire.bufferedBytes < BUFFERED_BYTES_MAX;
  }

  /** A frame has come. */
  heard(): void {
    this.#isOwed = true;
  }

  /** Since when it waits for a word, having sent a frame; null: it waits for none. */
  get owedSinceMs(): number | null {
    return this.#isOwed ? this.#toldMs : null;
  }

  /** A word on its frames. @returns false when it was not sent: the peer does not read or hear it, or the socket closes */
  send(word: Word): boolean {
    if (!this.warn(word)) return false;
    this.#toldMs = this.#clock();
    this.#isOwed = false;
    return true;
  }

  /** What says nothing of its frames: it is still owed a word. @returns false when it was not sent */
  warn(word: Word): boolean {
    return this.writable && this.#wire.send(word);
  }

  close(code: number, reason: string): void {
    this.#wire.close(code, reason);
  }

  /** About once a second: gives up a peer that has stopped reading. `nowMs`: monotonic. */
  check(nowMs: number): void {
    const { bufferedBytes, sentBytes } = this.#wire;
    const takenBytes = sentBytes - bufferedBytes;
    if (bufferedBytes < BUFFERED_BYTES_MAX || takenBytes > this.#takenBytes) this.#stuckSinceMs = null;
    else this.#stuckSinceMs ??= nowMs;
    this.#takenBytes = takenBytes;
    if (this.#stuckSinceMs !== null && nowMs - this.#stuckSinceMs >= STUCK_MS_MAX) {
      this.close(CloseCode.policyViolation, "Nothing was read for too long");
    }
  }
}

function onlyIdOf({ droneIds }: Identity): Uint8Array<ArrayBuffer> | null {
  const [only, ...others] = droneIds ?? [];
  if (only === undefined || others.length > 0) return null;
  const id = new TextEncoder().encode(only);
  return id.length > 0 && id.length <= DRONE_ID_BYTES_MAX ? id : null;
}
