// Whose connection was refused or ended for what it is, whatever it may be about: counted by reason, told in the log.

/** Reasons, as they are told in reports. */
const REASONS = {
  /** All places are taken. */
  full: "all places are taken",
  /** Too many come from one address, at a time or one after the other. */
  address: "too many from one address",
  /** TLS was not begun, or not as it must be; too slow included. */
  handshake: "no TLS handshake as it must be",
  /** Its certificate is of somebody else's CA, has expired or is not for clients. */
  certificate: "a certificate that proves nothing",
  /** What it sent is no request, or did not come in time. */
  request: "no request in time",
  /** A WebSocket's message that is too long, in too many parts, or none. */
  message: "no message as it must be",
  /** A WebSocket's message that does not come to its end. */
  slow: "a message without an end",
  /** More messages, or pings, than anybody needs. */
  flood: "a flood of messages or pings",
  /** It asked, and does not read the answer. */
  unread: "an answer that is not read",
  /** A datagram from an address where nobody is known, and of nobody who has signed it. */
  unsigned: "a datagram of strangers, not signed",
  /** A datagram from port 0, where nothing can be sent. */
  port: "a datagram from port 0",
} as const;

export type RefusalReason = keyof typeof REASONS;

const zeros = () => Object.fromEntries(Object.keys(REASONS).map((name) => [name, 0])) as Record<RefusalReason, number>;

export class Refusals {
  readonly #counts: Record<RefusalReason, number> = zeros();
  readonly #told: Record<RefusalReason, number> = zeros();

  /** By reason, since the start. */
  get view(): Record<RefusalReason, number> {
    return { ...this.#counts };
  }

  count(reason: RefusalReason): void {
    this.#counts[reason]++;
  }

  /** What was refused since it was last asked, as text; null: nobody. */
  takeNews(): string | null {
    const news: string[] = [];
    for (const reason of Object.keys(REASONS) as RefusalReason[]) {
      const count = this.#counts[reason] - this.#told[reason];
      if (count > 0) news.push(`${count} (${REASONS[reason]})`);
      this.#told[reason] = this.#counts[reason];
    }
    return news.length === 0 ? null : `connections refused: ${news.join(", ")}`;
  }
}
