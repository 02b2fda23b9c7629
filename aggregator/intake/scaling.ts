// How many edges are wanted, and whether one aggregator is enough: judged here, where all edges tell how they are, and on record
// when it changes.
import { CpuUse } from "../../platform/cpu_use.ts";
import { type ScaleChange, Scaler } from "../../platform/scaler.ts";
import type { ScaleView } from "../../platform/scaling.ts";
import type { Sequencer } from "../core/sequencer.ts";
import type { Edges } from "./edges.ts";
import { edgesLoad, ownLoad } from "./loads.ts";

export interface ScalingParts {
  edges: Pick<Edges, "list">;
  edgesMax: number;
  sequencer: Pick<Sequencer, "audit" | "isKeeping">;
  /** Monotonic ms. */
  clock: () => number;
  /** Of the processor, all that this process has used, in ms; null, or absent: nobody can tell. */
  cpuMs?: () => number | null;
  log: (level: "info" | "warn", message: string) => void;
}

/** The body of /v1/scale. `aggregator.wanted` above 1: this one is too small for its fleets, see docs/deploy.md. */
export interface ScaleReport {
  edges: ScaleView;
  aggregator: ScaleView;
}

export const LOOK_INTERVAL_MS = 1000;
/** After a start edges have so long to come: before, nobody knows how many there are. */
const GATHERED_MS = 30_000;

export class Scaling {
  readonly #parts: ScalingParts;
  readonly #cpu: CpuUse;
  readonly #edges: Scaler;
  readonly #own: Scaler;
  readonly #beganMs: number;
  #lookedMs: number;

  constructor(parts: ScalingParts) {
    this.#parts = parts;
    this.#cpu = new CpuUse(parts.cpuMs);
    this.#edges = new Scaler((change) => this.#record("edges", change));
    this.#own = new Scaler((change) => this.#record("aggregator", change));
    this.#beganMs = this.#lookedMs = parts.clock();
  }

  /** Each LOOK_INTERVAL_MS. */
  look(): void {
    const { edges, edgesMax, sequencer, clock } = this.#parts;
    const nowMs = clock();
    const lagMs = Math.max(0, nowMs - this.#lookedMs - LOOK_INTERVAL_MS);
    this.#lookedMs = nowMs;
    this.#cpu.look(nowMs);
    const list = edges.list();
    const isKept = sequencer.isKeeping;
    this.#own.look(ownLoad(list, { cpuPct: this.#cpu.pct, lagMs, edgesMax, isKept }), nowMs);
    const isBehind = !isKept || this.#own.view.wanted > 1;
    this.#edges.look(edgesLoad(list, { isBehind }), nowMs);
  }

  /** Null: it has only just begun, and cannot know. */
  get report(): ScaleReport | null {
    if (this.#parts.clock() - this.#beganMs < GATHERED_MS) return null;
    return { edges: this.#edges.view, aggregator: this.#own.view };
  }

  #record(subject: keyof ScaleReport, { before, after, reasons }: ScaleChange): void {
    const { sequencer, log } = this.#parts;
    const why = reasons.join("; ");
    log("info", `${after} ${subject} are wanted, ${before} before: ${why}`);
    const deed = { who: "autoscaling", what: "want replicas", subject, before: `${before}`, after: `${after}: ${why}` };
    // A journal that is closed before is heard of elsewhere.
    sequencer.audit(deed).catch(() => undefined);
  }
}
