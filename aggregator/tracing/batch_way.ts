// One batch's way through the aggregator, as it is told where that matters: because its edge follows it, because it raised an
// alert, or because it was refused. Until one of these is so it is three numbers, and nobody hears of it.
import { bounded } from "../../platform/bounds.ts";
import { idsOf, type Span, type TraceContext, type Tracer } from "../../platform/tracing.ts";
import type { SealedBatch } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import type { DecodedBatch } from "../batch/columns.ts";
import type { StepVerdict } from "../batch/entry.ts";

/** No edge keeps a batch for longer, nor is its clock ahead by more; what it says of its time is bounded by that. */
const HELD_US_MAX = 86_400_000_000;

export interface BatchWayParts {
  tracer: Tracer;
  /** Unix µs. */
  nowUs: () => number;
  sealed: SealedBatch;
  /** Null: it cannot be read. */
  columns: DecodedBatch | null;
  /** From where. */
  edge: { edgeId: string; region: string };
}

export class BatchWay {
  readonly #parts: BatchWayParts;
  readonly #arrivedUs: number;
  /** What its edge says that it belongs to; null: the edge does not follow it. */
  readonly #given: TraceContext | null;
  #whole: Span | null = null;
  #judgedUs: number;
  #eventUs: number | null = null;
  #isTold = false;

  constructor(parts: BatchWayParts) {
    this.#parts = parts;
    this.#arrivedUs = this.#judgedUs = parts.nowUs();
    const { trace } = parts.sealed;
    this.#given = idsOf(trace) && new Uint8Array(trace);
  }

  get isFollowed(): boolean {
    return this.#given !== null || this.#whole !== null;
  }

  /** When it came in, and when the pipeline was through with it; Unix µs. */
  get arrivedUs(): number {
    return this.#arrivedUs;
  }

  get judgedUs(): number {
    return this.#judgedUs;
  }

  /** When something in it was measured, Unix µs by its drone's clock; null: nothing was. */
  get eventUs(): number | null {
    return this.#eventUs ?? firstEventUs(this.#parts.columns);
  }

  /** It matters: @returns what everything that comes of it belongs to. `eventUs`: when the reason was measured */
  follow(eventUs: number | null = null): TraceContext {
    this.#eventUs ??= eventUs;
    if (this.#given) return this.#given;
    const { tracer, sealed: { firstIngestionTimeUs, records }, edge: { edgeId, region } } = this.#parts;
    const attributes = { edge: edgeId, region, records, sampled: false };
    const startUs = bounded(Number(firstIngestionTimeUs), this.#arrivedUs - HELD_US_MAX, this.#arrivedUs + HELD_US_MAX);
    this.#whole ??= tracer("telemetry", { parent: null, startUs, attributes });
    return this.#whole.context;
  }

  judged(): void {
    this.#judgedUs = this.#parts.nowUs();
  }

  /**
   * Its edge is about to be told what became of it.
   * @returns what the edge does not know yet, and is to be told: that it matters, and to what it belongs; null: nothing
   */
  answered(verdict: StepVerdict | "taken"): TraceContext | null {
    const isNews = verdict === "accepted" || verdict === "taken";
    if (!isNews || !this.isFollowed || this.#isTold) return null;
    this.#isTold = true;
    const { tracer, nowUs } = this.#parts;
    const [parent, endUs] = [this.follow(), nowUs()];
    tracer("pipeline", { parent, startUs: this.#arrivedUs }).end({ endUs: this.#judgedUs });
    const held = verdict === "taken" ? { error: "the journal cannot be written" } : {};
    tracer("journal", { parent, startUs: this.#judgedUs }).end({ endUs, ...held });
    this.#whole?.end({ endUs });
    return this.#whole?.context ?? null;
  }

  /** It can never be taken. @returns as `answered`, what it belongs to */
  refused(reason: string): TraceContext {
    const { tracer, nowUs } = this.#parts;
    const [context, endUs] = [this.follow(), nowUs()];
    tracer("pipeline", { parent: context, startUs: this.#arrivedUs }).end({ endUs, error: reason });
    this.#whole?.end({ endUs, error: reason });
    return context;
  }
}

function firstEventUs(columns: DecodedBatch | null): number | null {
  if (!columns) return null;
  const { positions, batteries, obstacles, nearDuplicates } = columns;
  const first = [positions, batteries, obstacles, nearDuplicates].find(({ count }) => count > 0);
  return first?.eventTimeUs[0] ?? null;
}
