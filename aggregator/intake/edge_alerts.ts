// What edges say of themselves that somebody should know: they give data up, two go by one id, or one is of a version that
// does not work with ours. It ends when they say
// otherwise, and when nobody is there any more who could.
import type { EdgeView } from "./edges.ts";
import type { Operations } from "../alerts/operations.ts";

/** From this level on an edge gives data up. */
const SHEDDING_LEVEL = 2;
/**
 * What a lost edge said of itself is true no longer than this: one that comes back does so sooner, as its attempts are a
 * second apart. That it is lost is an alert of its own.
 */
const GONE_US = 15_000_000;

/** Open alerts about edges, of those that they cause themselves. */
export class EdgeAlerts {
  readonly #operations: Pick<Operations, "degraded" | "restored" | "happened">;
  /** Edges that give data up. */
  readonly #shedding = new Set<string>();

  constructor(operations: Pick<Operations, "degraded" | "restored" | "happened">) {
    this.#operations = operations;
  }

  /** An edge has told how it is. */
  judge({ edgeId, status }: Pick<EdgeView, "edgeId" | "status">): void {
    const level = status?.level ?? 0;
    if (level < SHEDDING_LEVEL) return this.left(edgeId);
    this.#shedding.add(edgeId);
    const message = `${edgeId} is overloaded (level ${level} of 4) and gives up bulk records; see /v1/losses`;
    const severity = level > SHEDDING_LEVEL ? "critical" : "warning";
    this.#operations.degraded(`edge/${edgeId}`, { message, severity });
  }

  /** An edge said good-bye: it gives up nothing any more. */
  left(edgeId: string): void {
    if (this.#shedding.delete(edgeId)) this.#operations.restored(`edge/${edgeId}`);
  }

  /** Two edges that go by one id are one too many; null: one is alone again. */
  twins(edgeId: string, refusal: string | null): void {
    const key = `edge-id/${edgeId}`;
    if (refusal === null) return this.#operations.restored(key);
    this.#operations.happened(key, { message: `${refusal}: the one that came later is refused`, severity: "critical" });
  }

  /** An edge of a version that does not work with ours is refused; null: it is of one that does. */
  apart(edgeId: string, refusal: string | null): void {
    const key = `edge-version/${edgeId}`;
    if (refusal === null) return this.#operations.restored(key);
    this.#operations.happened(key, { message: `${edgeId}: ${refusal}`, severity: "critical" });
  }

  /** Some times a second: edges that are away for so long that what they said last is over. */
  check(edges: readonly Pick<EdgeView, "edgeId" | "connections" | "lastMessageTimeUs">[], nowUs: number): void {
    if (this.#shedding.size === 0) return;
    const there = edges.filter(({ connections, lastMessageTimeUs }) => {
      return connections > 0 || nowUs - lastMessageTimeUs <= GONE_US;
    });
    const ids = new Set(there.map(({ edgeId }) => edgeId));
    for (const edgeId of this.#shedding) if (!ids.has(edgeId)) this.left(edgeId);
  }
}
