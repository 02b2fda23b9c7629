// The sessions of this edge, by who their client is: found again by a client that comes back, taken over from an old
// connection of the same client, and ended when their time is over. An edge that starts anew has none.
import type { Subscribers } from "../../drones/subscribers.ts";
import { type Holder, Session } from "./session.ts";

/** Longer than that no session is kept without its client, in seconds. */
export const EXPIRY_S_MAX = 3600;
/** Beyond so many, the one that has waited longest for its client ends. */
const AWAY_MAX = 10_000;

export interface SessionsParts {
  subscribers: Subscribers;
  /** Monotonic ms. */
  clock: () => number;
  /** A client has gone, and not said that it would. */
  onLinkLost: (droneId: string) => void;
}

export class Sessions {
  readonly #parts: SessionsParts;
  readonly #all = new Map<string, Session>();
  /** Whose client is away, since the longest first. */
  readonly #away = new Set<Session>();

  constructor(parts: SessionsParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#all.size;
  }

  /** For a client that connects; `isPresent`: it is the one that was kept for it. */
  take(key: string, { clean, holder }: { clean: boolean; holder: Holder }): { session: Session; isPresent: boolean } {
    const before = this.#all.get(key);
    before?.holder?.takenOver();
    // Who is back is not lost.
    if (before) before.will = null;
    if (before && clean) this.#end(before);
    const isPresent = before !== undefined && this.#all.has(key);
    const session = isPresent ? before : new Session(key, this.#parts);
    this.#all.set(key, session);
    this.#away.delete(session);
    Object.assign(session, { holder, will: null, endsMs: Infinity });
    return { session, isPresent };
  }

  /** Its connection has closed. `will`: of which drone that is a loss, and how long it may be away before it is one. */
  leave(session: Session, will: { droneId: string; delayMs: number } | null): void {
    const nowMs = this.#parts.clock();
    session.holder = null;
    session.deliveries.detach();
    session.endsMs = nowMs + session.expiryMs;
    session.will = will && { droneId: will.droneId, atMs: nowMs + Math.min(will.delayMs, session.expiryMs) };
    this.#away.add(session);
    this.#pass(session, nowMs);
    for (const oldest of this.#away) {
      if (this.#away.size <= AWAY_MAX) break;
      this.#end(oldest);
    }
  }

  /** Once a second. */
  check(): void {
    const nowMs = this.#parts.clock();
    for (const session of this.#away) this.#pass(session, nowMs);
  }

  #pass(session: Session, nowMs: number): void {
    if (session.will && session.will.atMs <= nowMs) this.#tellWill(session);
    if (session.endsMs <= nowMs) this.#end(session);
  }

  #tellWill(session: Session): void {
    const { will } = session;
    session.will = null;
    if (will) this.#parts.onLinkLost(will.droneId);
  }

  #end(session: Session): void {
    this.#tellWill(session);
    session.end();
    this.#all.delete(session.key);
    this.#away.delete(session);
  }
}
