// Who was refused before anybody asked who he is: counted by reason, and told in the log once a second.

/** Reasons, as they are told in reports. */
const REASONS = {
  /** All places are taken. */
  full: "all places are taken",
  /** TLS was not begun, or not as it must be; too slow included. */
  handshake: "no TLS handshake as it must be",
  /** Its certificate is of somebody else's CA, has expired or is not for clients. */
  certificate: "a certificate that proves nothing",
  /** What it sent is no request, or did not come in time. */
  request: "no request in time",
} as const;

export type RefusalReason = keyof typeof REASONS;

export class Refusals {
  readonly #counts: Record<RefusalReason, number> = { full: 0, handshake: 0, certificate: 0, request: 0 };
  readonly #told: Record<RefusalReason, number> = { ...this.#counts };

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
