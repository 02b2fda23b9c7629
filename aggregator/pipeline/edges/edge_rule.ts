// An edge that is so far behind the others that nobody waits for it any more: its records revise windows that have fired, or
// are late. Somebody should know.
import type { Alerts } from "../../alerts/alerts.ts";
import type { Output } from "../../outputs.ts";

/** Behind for so long before it is told: an edge that comes back is for a moment. */
const BEHIND_US_MIN = 2_000_000;

export class EdgeRule {
  readonly #alerts: Alerts;
  /** Edges that are behind, and since when. */
  readonly #sinceUs = new Map<string, number>();

  constructor(alerts: Alerts) {
    this.#alerts = alerts;
  }

  save(): [edgeId: string, sinceUs: number][] {
    return [...this.#sinceUs];
  }

  restore(saved: [edgeId: string, sinceUs: number][]): void {
    for (const [edgeId, sinceUs] of saved) this.#sinceUs.set(edgeId, sinceUs);
  }

  /** Our clock was set. */
  clockStepped(stepUs: number): void {
    for (const [edgeId, sinceUs] of this.#sinceUs) this.#sinceUs.set(edgeId, sinceUs + stepUs);
  }

  /** @param behind the edges that are behind now, and by how much, µs */
  tick(
    behind: readonly [edgeId: string, behindUs: number][],
    { nowUs, outputs }: { nowUs: number; outputs: Output[] },
  ): void {
    const ids = new Set(behind.map(([edgeId]) => edgeId));
    for (const edgeId of this.#sinceUs.keys()) {
      if (ids.has(edgeId)) continue;
      this.#sinceUs.delete(edgeId);
      this.#alerts.resolve(`behind/${edgeId}`, { atUs: nowUs, trigger: null }, outputs);
    }
    for (const [edgeId, behindUs] of behind) {
      const sinceUs = this.#sinceUs.get(edgeId) ?? nowUs;
      this.#sinceUs.set(edgeId, sinceUs);
      if (nowUs - sinceUs < BEHIND_US_MIN) continue;
      this.#alerts.hold(`behind/${edgeId}`, {
        kind: "degraded",
        severity: "warning",
        droneIds: [],
        detail: `behind/${edgeId}`,
        message: `What ${edgeId} delivers is ${
          (behindUs / 1e6).toFixed(0)
        } s behind the other edges: windows do not wait for it`,
        atUs: nowUs,
        trigger: null,
      }, outputs);
    }
  }
}
