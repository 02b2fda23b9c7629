// Whether edges are there, as their connections tell it, told to the pipeline: windows say which edges they lack.
import { EdgePresence } from "../proto/gen/slipstream/v1/journal_pb.ts";
import type { EdgeConnection } from "./edge_connection.ts";
import type { Inlet } from "./inlet.ts";
import { SILENT_MS_MAX } from "./intake.ts";
import type { Pipeline } from "./pipeline/pipeline.ts";

export interface PresenceParts {
  pipeline: Pick<Pipeline, "edges">;
  inlet: Pick<Inlet, "edgeChanged">;
  /** An edge's connection, after its hello. */
  connectionOf: (edgeId: string) => Pick<EdgeConnection, "silentMs" | "backlogMs"> | undefined;
  /** Edges that are connected. */
  edgeIds: () => string[];
  /** Monotonic ms. */
  clock: () => number;
  log: (level: "info" | "warn", message: string) => void;
}

/** Without a connection for so long an edge is lost; after a start it has so long to come back. */
const LOST_AFTER_MS = 1000;
/** An edge whose oldest batch has waited for so long is behind, and no longer once it is below the other. */
const BEHIND_MS_MIN = 5000;
const CURRENT_MS_MAX = 1000;

/** Compares what the pipeline knows with what is. */
export class Presence {
  readonly #parts: PresenceParts;
  /** Since when edges are not there, and those that said good-bye. */
  readonly #awaySinceMs = new Map<string, number>();
  readonly #left = new Set<string>();

  constructor(parts: PresenceParts) {
    this.#parts = parts;
  }

  /** An edge ended its connection in order. */
  left(edgeId: string): void {
    this.#left.add(edgeId);
  }

  /** Some ten times a second. */
  reconcile(): void {
    const { pipeline, edgeIds } = this.#parts;
    const known = new Map(pipeline.edges());
    for (const edgeId of new Set([...known.keys(), ...edgeIds()])) {
      const before = known.get(edgeId);
      const now = this.#presenceOf(edgeId, before);
      if (now !== before && !(before === undefined && now === EdgePresence.CURRENT)) this.#tell(edgeId, now);
    }
  }

  #presenceOf(edgeId: string, before: EdgePresence | undefined): EdgePresence {
    const connection = this.#parts.connectionOf(edgeId);
    if (!connection || connection.silentMs > SILENT_MS_MAX) return this.#awayAs(edgeId, before);
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

  #tell(edgeId: string, presence: EdgePresence): void {
    const { inlet, log } = this.#parts;
    this.#awaySinceMs.delete(edgeId);
    inlet.edgeChanged({ edgeId, presence })
      .catch((error: unknown) => log("warn", `Cannot keep that ${edgeId} changed: ${error}`));
  }
}
