// What an MQTT connection gives to see of itself: that it begins, that its client is alive as it said (§3.1.2.10), that its
// packets come to their end, and that they are no flood.

/** From the beginning to the CONNECT, and of a packet from its first byte to its last. */
const CONNECT_MS_MAX = 5000;
const PACKET_MS_MAX = 10_000;
const PACKETS_PER_S_MAX = 20_000;

/** What is to be done about it. */
type Verdict = "alive" | "silent" | "slow" | "mute";

export class Life {
  readonly #sinceMs: number;
  #silentMsMax: number | null = null;
  #heardMs: number;
  #packets = 0;
  #countedMs: number;

  /** Monotonic ms, as all times here. */
  constructor(nowMs: number) {
    this.#sinceMs = this.#heardMs = this.#countedMs = nowMs;
  }

  /** Its CONNECT was accepted. `keepAliveS`: 0 for none. */
  opened(keepAliveS: number): void {
    this.#silentMsMax = keepAliveS === 0 ? Infinity : keepAliveS * 1500;
  }

  /** A whole packet has come. @returns false: one too many */
  packet(nowMs: number): boolean {
    this.#heardMs = nowMs;
    if (nowMs - this.#countedMs >= 1000) {
      this.#packets = 0;
      this.#countedMs = nowMs;
    }
    return ++this.#packets <= PACKETS_PER_S_MAX;
  }

  check(nowMs: number, unfinishedSinceMs: number | null): Verdict {
    if (this.#silentMsMax === null) return nowMs - this.#sinceMs >= CONNECT_MS_MAX ? "mute" : "alive";
    if (unfinishedSinceMs !== null && nowMs - unfinishedSinceMs >= PACKET_MS_MAX) return "slow";
    return nowMs - this.#heardMs > this.#silentMsMax ? "silent" : "alive";
  }
}
