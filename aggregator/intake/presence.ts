// Whether edges are there, as their connections tell it, and whether they or we are too slow to hear their drones: told to
// the pipeline. Windows say which edges they lack, and silence behind an edge that hears badly is no drone's.
import { EdgePresence } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import type { EdgeConnection } from "./edge_connection.ts";
import { Lateness } from "./lateness.ts";
import type { EdgeChange } from "../batch/entry.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";

export interface PresenceParts {
  pipeline: Pick<Pipeline, "edges">;
  sequencer: { told: (change: { type: "edge" } & EdgeChange) => Promise<void> };
  /** An edge's connection, after its hello. */
  connectionOf: (edgeId: string) => Pick<EdgeConnection, "silentMs" | "backlogMs" | "lagMs"> | undefined;
  /** Edges that are connected. */
  edgeIds: () => string[];
  /** Monotonic ms. */
  clock: () => number;
  log: (level: "info" | "warn", message: string) => void;
}

/** The part that is too slow, and how late it comes. */
export interface TooSlow {
  what: string;
  lagMs: number;
}

/** How often edges are looked at. */
const RECONCILE_MS = 100;
/** Without a connection for so long an edge is lost; after a start it has so long to come back. */
const LOST_AFTER_MS = 1000;
/** It tells how it is each second: silent for so long on its connection it is lost, sooner than its drones would be. */
const SILENT_MS_MAX = 2500;
/** An edge whose oldest batch has waited for so long is behind, and no longer once it is below the other. */
const BEHIND_MS_MIN = 5000;
const CURRENT_MS_MAX = 1000;
/** Who comes so much too late can take a drone for lost that is not. Less is told, and hides nobody. */
const DEAF_MS_MIN = 1000;
/** We were away ourselves for so long: what did not come meanwhile waits to be read. */
const PAUSE_MS = 300;

/** Compares what the pipeline knows with what is. */
export class Presence {
  readonly #parts: PresenceParts;
  /** Since when edges are not there, and those that said good-bye. */
  readonly #awaySinceMs = new Map<string, number>();
  readonly #left = new Set<string>();
  readonly #own = new Lateness();
  readonly #late = new Map<string, Lateness>();
  #lookedMs: number | null = null;
  /** Since when we listen without a pause. */
  #listeningMs = -Infinity;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
  }

  /** The slowest part; null: all keep up. */
  get tooSlow(): TooSlow | null {
    const parts = [{ what: "aggregator", lagMs: this.#own.ms }];
    for (const [edgeId, { ms }] of this.#late) parts.push({ what: `edge ${edgeId}`, lagMs: ms });
    const slowest = parts.reduce((a, b) => b.lagMs > a.lagMs ? b : a);
    return slowest.lagMs > 0 ? slowest : null;
  }

  /** An edge ended its connection in order. */
  left(edgeId: string): void {
    this.#left.add(edgeId);
  }

  /** Each RECONCILE_MS. */
  reconcile(): void {
    const { pipeline, edgeIds } = this.#parts;
    this.#look();
    const known = new Map(pipeline.edges().map(([edgeId, ...before]) => [edgeId, before]));
    for (const edgeId of new Set([...known.keys(), ...edgeIds()])) {
      const [before, toldMs = 0] = known.get(edgeId) ?? [];
      const presence = this.#presenceOf(edgeId, before);
      const lagMs = Math.max(this.#own.ms, this.#latenessOf(edgeId));
      const lateMs = lagMs >= DEAF_MS_MIN ? lagMs : 0;
      const isNew = presence !== before && !(before === undefined && presence === EdgePresence.CURRENT);
      if (isNew || (before !== undefined && (lateMs > 0) !== (toldMs > 0))) this.#tell({ edgeId, presence, lateMs });
    }
    for (const edgeId of this.#late.keys()) if (!this.#parts.connectionOf(edgeId)) this.#late.delete(edgeId);
  }

  // We come late ourselves.
  #look(): void {
    const nowMs = this.#parts.clock();
    const lagMs = this.#lookedMs === null ? 0 : nowMs - this.#lookedMs - RECONCILE_MS;
    this.#lookedMs = nowMs;
    this.#own.observe(lagMs, nowMs);
    if (lagMs > PAUSE_MS) this.#listeningMs = nowMs;
  }

  #latenessOf(edgeId: string): number {
    const connection = this.#parts.connectionOf(edgeId);
    if (!connection) return 0;
    let lateness = this.#late.get(edgeId);
    if (!lateness) this.#late.set(edgeId, lateness = new Lateness());
    lateness.observe(connection.lagMs, this.#parts.clock());
    return lateness.ms;
  }

  #presenceOf(edgeId: string, before: EdgePresence | undefined): EdgePresence {
    const connection = this.#parts.connectionOf(edgeId);
    if (!connection) return this.#awayAs(edgeId, before);
    const nowMs = this.#parts.clock();
    const silentMs = Math.min(connection.silentMs, nowMs - this.#listeningMs);
    if (silentMs > SILENT_MS_MAX) {
      this.#awaySinceMs.set(edgeId, nowMs - silentMs);
      return this.#awayAs(edgeId, before);
    }
    this.#awaySinceMs.delete(edgeId);
    this.#left.delete(edgeId);
    const { backlogMs } = connection;
    const wasAway = before === EdgePresence.LOST || before === EdgePresence.BEHIND;
    if (backlogMs === null) return wasAway ? EdgePresence.BEHIND : EdgePresence.CURRENT;
    if (backlogMs > BEHIND_MS_MIN) return EdgePresence.BEHIND;
    return wasAway && backlogMs > CURRENT_MS_MAX ? EdgePresence.BEHIND : EdgePresence.CURRENT;
  }

  #awayAs(edgeId: string, before: EdgePresence | undefined): EdgePresence {
    const present = before ?? EdgePresence.LEFT;
    if (present === EdgePresence.LEFT || present === EdgePresence.LOST) return present;
    if (this.#left.has(edgeId)) return EdgePresence.LEFT;
    const nowMs = this.#parts.clock();
    const sinceMs = this.#awaySinceMs.get(edgeId) ?? nowMs;
    this.#awaySinceMs.set(edgeId, sinceMs);
    return nowMs - sinceMs >= LOST_AFTER_MS ? EdgePresence.LOST : present;
  }

  #tell(change: EdgeChange): void {
    const { sequencer, log } = this.#parts;
    this.#awaySinceMs.delete(change.edgeId);
    sequencer.told({ type: "edge", ...change })
      .catch((error: unknown) => log("warn", `Cannot keep that ${change.edgeId} changed: ${error}`));
  }
}
