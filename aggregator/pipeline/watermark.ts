// Event time's progress. Each edge vouches for what it has sent: its watermark is the latest event time it delivered
// less the out-of-orderness; the pipeline's is the lowest of all edges that are not idle. It never goes back.

export interface WatermarkSettings {
  outOfOrdernessUs: number;
  /** An edge without a trusted event time for so long no longer holds the others back. */
  edgeIdleUs: number;
  edgesMax: number;
}

export interface SavedWatermark {
  edges: [string, EdgeProgress][];
  us: number;
}

interface EdgeProgress {
  maxEventUs: number;
  /** When a batch last brought a trusted event time; -Infinity: never. */
  progressedUs: number;
}

export class Watermark {
  readonly #settings: WatermarkSettings;
  readonly #edges = new Map<string, EdgeProgress>();
  #us = -Infinity;

  constructor(settings: WatermarkSettings) {
    this.#settings = settings;
  }

  save(): SavedWatermark {
    return { edges: Array.from(this.#edges, ([edgeId, progress]) => [edgeId, { ...progress }]), us: this.#us };
  }

  restore({ edges, us }: SavedWatermark): void {
    for (const [edgeId, progress] of edges) this.#edges.set(edgeId, progress);
    this.#us = us;
  }

  /** Unix µs: no on-time record before it is still to come; -Infinity before the first record. */
  get us(): number {
    return this.#us;
  }

  /** An edge delivered a batch; `maxEventUs` is the latest trusted event time in it, -Infinity for none. */
  observe(edgeId: string, { maxEventUs, nowUs }: { maxEventUs: number; nowUs: number }): void {
    let edge = this.#edges.get(edgeId);
    if (!edge) {
      if (this.#edges.size >= this.#settings.edgesMax) this.#forgetIdlest();
      this.#edges.set(edgeId, edge = { maxEventUs, progressedUs: -Infinity });
    }
    edge.maxEventUs = Math.max(edge.maxEventUs, maxEventUs);
    if (maxEventUs > -Infinity) edge.progressedUs = nowUs;
  }

  /**
   * Moves on as far as the edges allow. Wall time closes the last windows of a silent fleet, and all windows of one whose
   * clocks cannot be believed.
   */
  advance(nowUs: number): number {
    const { outOfOrdernessUs, edgeIdleUs } = this.#settings;
    let lowest = Infinity;
    for (const { maxEventUs, progressedUs } of this.#edges.values()) {
      if (nowUs - progressedUs <= edgeIdleUs) lowest = Math.min(lowest, maxEventUs);
    }
    if (lowest < Infinity) this.#us = Math.max(this.#us, lowest - outOfOrdernessUs);
    else if (this.#edges.size > 0) this.#us = Math.max(this.#us, nowUs - outOfOrdernessUs - edgeIdleUs);
    return this.#us;
  }

  #forgetIdlest(): void {
    let idlest: string | undefined;
    let lastUs = Infinity;
    for (const [edgeId, { progressedUs }] of this.#edges) {
      if (progressedUs < lastUs) [idlest, lastUs] = [edgeId, progressedUs];
    }
    if (idlest !== undefined) this.#edges.delete(idlest);
  }
}
