// Event time's progress. Each edge vouches for what it has sent: its watermark is the latest event time it delivered
// less the out-of-orderness; the pipeline's is the lowest of all edges that are there and not idle, but no edge holds it
// back for longer than a bound. It never goes back, unless our own clock does.
import { EdgePresence } from "../../../proto/gen/slipstream/v1/journal_pb.ts";
import { LeastDelay, type SavedLeastDelay } from "../drones/least_delay.ts";

export interface WatermarkSettings {
  outOfOrdernessUs: number;
  /** An edge without a trusted event time for so long no longer holds the others back. */
  edgeIdleUs: number;
  /** An edge that is so far behind the one that is farthest does not either. */
  heldBackUsMax: number;
  /** An edge may keep for so long what it cannot deliver. */
  allowedLatenessUs: number;
  edgesMax: number;
}

export interface SavedWatermark {
  edges: [string, SavedEdgeProgress][];
  us: number;
}

type SavedEdgeProgress = Omit<EdgeProgress, "delay"> & { delay: SavedLeastDelay };

interface EdgeProgress {
  maxEventUs: number;
  /** When a batch last brought a trusted event time; -Infinity: never. */
  progressedUs: number;
  presence: EdgePresence;
  /** How far it had come when it was lost; Infinity while it is there. */
  lostEventUs: number;
  /** Ingestion time less the time at which it sealed; and when a batch last came without delay. */
  delay: LeastDelay;
  promptUs: number;
}

/** A batch that took so much longer than the fastest lately waited at its edge. */
const DELAYED_US_MIN = 2_000_000;
/** Without a prompt batch for so long the edge's clock was set: what it took before says nothing. */
const PROMPT_US_MAX = 3_000_000;
/** What drones in the air tell comes far more often. */
const PROMPT_US = 1_000_000;
const GONE = [EdgePresence.LOST, EdgePresence.LEFT];

export class Watermark {
  readonly #settings: WatermarkSettings;
  readonly #edges = new Map<string, EdgeProgress>();
  #us = -Infinity;

  constructor(settings: WatermarkSettings) {
    this.#settings = settings;
  }

  save(): SavedWatermark {
    const edges = Array.from(this.#edges, ([edgeId, { delay, ...progress }]): SavedWatermark["edges"][number] => {
      return [edgeId, { ...progress, delay: delay.save() }];
    });
    return { edges, us: this.#us };
  }

  restore({ edges, us }: SavedWatermark): void {
    for (const [edgeId, { delay, ...progress }] of edges) {
      this.#edges.set(edgeId, { ...progress, delay: LeastDelay.restore(delay) });
    }
    this.#us = us;
  }

  /** Unix µs: no on-time record before it is still to come; -Infinity before the first record. */
  get us(): number {
    return this.#us;
  }

  /** A batch has arrived, sealed at `sealedUs` by its edge's clock. @returns whether it waited at the edge */
  arrived(edgeId: string, { sealedUs, nowUs }: { sealedUs: number; nowUs: number }): boolean {
    const edge = this.#edge(edgeId);
    const delayUs = nowUs - sealedUs;
    edge.delay.add(delayUs, nowUs);
    const delayed = delayUs - edge.delay.us > DELAYED_US_MIN;
    if (delayed && nowUs - edge.promptUs <= PROMPT_US_MAX) return true;
    if (delayed) edge.delay.begin(delayUs, nowUs);
    edge.promptUs = nowUs;
    return false;
  }

  /** An edge delivered a batch; `maxEventUs` is the latest trusted event time in it, -Infinity for none. */
  observe(edgeId: string, { maxEventUs, nowUs }: { maxEventUs: number; nowUs: number }): void {
    const edge = this.#edge(edgeId);
    edge.maxEventUs = Math.max(edge.maxEventUs, maxEventUs);
    if (maxEventUs > -Infinity) edge.progressedUs = nowUs;
  }

  /** An edge came, was lost, or left. @returns false when that is nothing new */
  edgeChanged(edgeId: string, presence: EdgePresence): boolean {
    const isNew = this.#edges.get(edgeId)?.presence !== presence;
    const edge = this.#edge(edgeId);
    const wasLost = edge.lostEventUs < Infinity;
    edge.presence = presence;
    if (presence === EdgePresence.LOST || presence === EdgePresence.BEHIND) {
      if (!wasLost) edge.lostEventUs = edge.maxEventUs;
    } else edge.lostEventUs = Infinity;
    return isNew;
  }

  /** Edges and whether they are there, as the pipeline was told. */
  presences(): [edgeId: string, presence: EdgePresence][] {
    return Array.from(this.#edges, ([edgeId, { presence }]) => [edgeId, presence]);
  }

  /** Whether an edge brings what it hears at once, whatever it still has to deliver beside that. */
  isPrompt(edgeId: string, nowUs: number): boolean {
    return nowUs - (this.#edges.get(edgeId)?.promptUs ?? -Infinity) <= PROMPT_US;
  }

  /** Edges of which records before this event time may still come, though the watermark has passed it; sorted. */
  missing(endUs: number, nowUs: number): string[] {
    const missing = this.heldBack(nowUs).map(([edgeId]) => edgeId);
    for (const [edgeId, { lostEventUs }] of this.#edges) {
      const isAwaited = lostEventUs < endUs && endUs - lostEventUs <= this.#settings.allowedLatenessUs;
      if (isAwaited && !missing.includes(edgeId)) missing.push(edgeId);
    }
    return missing.sort();
  }

  /** Edges that are there and so far behind the others that nobody waits for them, and how far. */
  heldBack(nowUs: number): [edgeId: string, behindUs: number][] {
    const leaderUs = this.#leaderUs();
    return [...this.#active(nowUs)].flatMap(([edgeId, { maxEventUs }]) => {
      const behindUs = leaderUs - maxEventUs;
      return behindUs > this.#settings.heldBackUsMax ? [[edgeId, behindUs] as [string, number]] : [];
    });
  }

  /**
   * Moves on as far as the edges allow. Wall time closes the last windows of a silent fleet, and all windows of one whose
   * clocks cannot be believed.
   */
  advance(nowUs: number): number {
    const { outOfOrdernessUs, edgeIdleUs, heldBackUsMax } = this.#settings;
    let [lowest, highest] = [Infinity, -Infinity];
    for (const [, { maxEventUs }] of this.#active(nowUs)) {
      lowest = Math.min(lowest, maxEventUs);
      highest = Math.max(highest, maxEventUs);
    }
    if (lowest < Infinity) this.#us = Math.max(this.#us, Math.max(lowest, highest - heldBackUsMax) - outOfOrdernessUs);
    else if (this.#edges.size > 0) this.#us = Math.max(this.#us, this.#idleUs(nowUs) - outOfOrdernessUs - edgeIdleUs);
    return this.#us;
  }

  /** Our own clock was set: no window of the time that has not come yet is over. */
  clockStepped({ stepUs, nowUs }: { stepUs: number; nowUs: number }): void {
    for (const edge of this.#edges.values()) {
      edge.progressedUs += stepUs;
      edge.promptUs += stepUs;
      edge.delay.shift(stepUs);
      // What an edge told of a time that has not come yet was told by our clock, or is not believed any more.
      if (stepUs < 0) edge.maxEventUs = Math.min(edge.maxEventUs, nowUs);
    }
    if (stepUs < 0) this.#us = Math.min(this.#us, nowUs);
  }

  // Event time goes on while nobody tells it: by the clocks that told it last, if any did.
  #idleUs(nowUs: number): number {
    let us = -Infinity;
    for (const { maxEventUs, progressedUs } of this.#edges.values()) {
      if (maxEventUs > -Infinity) us = Math.max(us, maxEventUs + nowUs - progressedUs);
    }
    return us === -Infinity ? nowUs : Math.min(us, nowUs);
  }

  #leaderUs(): number {
    let us = -Infinity;
    for (const { maxEventUs, presence } of this.#edges.values()) {
      if (!GONE.includes(presence)) us = Math.max(us, maxEventUs);
    }
    return us;
  }

  *#active(nowUs: number): Generator<[string, EdgeProgress]> {
    for (const [edgeId, edge] of this.#edges) {
      if (nowUs - edge.progressedUs <= this.#settings.edgeIdleUs && !GONE.includes(edge.presence)) yield [edgeId, edge];
    }
  }

  #edge(edgeId: string): EdgeProgress {
    let edge = this.#edges.get(edgeId);
    if (edge) return edge;
    if (this.#edges.size >= this.#settings.edgesMax) this.#forgetIdlest();
    const never = { maxEventUs: -Infinity, progressedUs: -Infinity, promptUs: -Infinity, lostEventUs: Infinity };
    edge = { ...never, presence: EdgePresence.CURRENT, delay: new LeastDelay() };
    this.#edges.set(edgeId, edge);
    return edge;
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
