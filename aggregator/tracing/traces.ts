// What the aggregator says of the ways that matter: of batches, of the windows in which their records were counted, of alerts,
// and of the warnings that go out because of them. The pipeline knows nothing of it: it has no clock.
import { Allowance } from "../../platform/allowance.ts";
import { bounded } from "../../platform/bounds.ts";
import type { Pseudonym } from "../../platform/pseudonyms.ts";
import type { Span, TraceContext, Tracer } from "../../platform/tracing.ts";
import { type AlertEvent, ALL_ZONES, type Output, type TumblingWindow } from "../outputs.ts";
import { BatchWay, type BatchWayParts } from "./batch_way.ts";

export interface TracesParts {
  tracer: Tracer;
  /** What traces call a drone. */
  pseudonym: Pseudonym;
  /** Unix µs. */
  nowUs: () => number;
  /** Monotonic ms. */
  clock: () => number;
}

/** What became of a warning to one drone. */
export interface WarningEnd {
  outcome: string;
  tries: number;
  /** The edge's own span of it, and when that ended by our clock in Unix µs; null: no edge told one. */
  delivered: { context: Uint8Array; endUs: number } | null;
}

/** A storm of alerts is told of by its beginning, and by how many more there were. */
const ALERTS = { burst: 200, perS: 50 };
/** Batches whose windows have yet to fire; of further ones that is not told. */
const UNFIRED_MAX = 256;
/** A window that has not fired by then does so without us. */
const UNFIRED_US_MAX = 60_000_000;
/** An acknowledgement takes less from edge to aggregator; what an edge says of its time is bounded by that. */
const ACKNOWLEDGED_US_MAX = 60_000_000;
/** Of an alert that concerns more, the first. */
const NAMED_MAX = 8;
/** Alerts of which warnings may still go out. */
const ALERTS_MAX = 1024;

export class Traces {
  readonly #parts: TracesParts;
  readonly #allowance = new Allowance(ALERTS);
  /** The batch in the pipeline. */
  #current: BatchWay | null = null;
  readonly #unfired = new Set<BatchWay>();
  /** By alert and revision, the oldest first. */
  readonly #alerts = new Map<string, TraceContext>();

  constructor(parts: TracesParts) {
    this.#parts = parts;
  }

  /** A batch is about to enter the pipeline; until `judged` what is heard comes of it. */
  arrived(batch: Omit<BatchWayParts, "tracer" | "nowUs">): BatchWay {
    return this.#current = new BatchWay({ ...this.#parts, ...batch });
  }

  /** The pipeline is through with it. */
  judged(way: BatchWay): void {
    way.judged();
    this.#current = null;
    if (way.isFollowed && this.#unfired.size < UNFIRED_MAX) this.#unfired.add(way);
  }

  /** A batch that cannot be read. @returns what it belongs to */
  refused(batch: Omit<BatchWayParts, "tracer" | "nowUs" | "columns">, reason: string): TraceContext {
    return new BatchWay({ ...this.#parts, ...batch, columns: null }).refused(reason);
  }

  /** What came of something that entered the pipeline, before anybody is warned of it. */
  hear(outputs: readonly Output[]): void {
    for (const output of outputs) {
      if (output.type === "alert") this.#alert(output.alert);
      else if (output.type === "tumbling" && output.window.zone === ALL_ZONES) this.#fired(output.window);
    }
  }

  /** A warning goes out to one drone. Null: nobody follows the alert. */
  warned({ alertId, revision }: AlertEvent, droneId: string): Span | null {
    const parent = this.#alerts.get(`${alertId}/${revision}`);
    if (!parent) return null;
    const { tracer, nowUs, pseudonym } = this.#parts;
    return tracer("warning", { parent, startUs: nowUs(), attributes: { drone: pseudonym(droneId) } });
  }

  /** And has come to an end. */
  warningEnded(warning: Span, { outcome, tries, delivered }: WarningEnd): void {
    const { tracer, nowUs } = this.#parts;
    const endUs = nowUs();
    if (delivered) {
      const startUs = bounded(delivered.endUs, endUs - ACKNOWLEDGED_US_MAX, endUs);
      tracer("acknowledgement", { parent: delivered.context, startUs }).end({ endUs });
    }
    const error = outcome === "undelivered" ? { error: outcome } : {};
    warning.end({ endUs, attributes: { outcome, tries }, ...error });
  }

  #alert({ transition, path, ...alert }: AlertEvent): void {
    if (transition === "acknowledge" || !this.#allowance.take(this.#parts.clock())) return;
    const { tracer, nowUs, pseudonym } = this.#parts;
    const { alertId, revision, kind, severity, droneIds } = alert;
    const way = this.#current;
    const endUs = nowUs();
    const span = tracer("alert", {
      parent: way && way.follow(path?.eventTimeUs),
      startUs: way?.arrivedUs ?? endUs,
      attributes: {
        ...{ alert: `${alertId}`, kind, severity, transition, revision, untold: this.#allowance.takeDenied() },
        drones: droneIds.slice(0, NAMED_MAX).map(pseudonym).join(" "),
        ...path && { cause: pseudonym(path.droneId), "measured.us": path.eventTimeUs },
      },
    });
    span.end({ endUs });
    this.#alerts.set(`${alertId}/${revision}`, span.context);
    if (this.#alerts.size > ALERTS_MAX) this.#alerts.delete(this.#alerts.keys().next().value!);
  }

  // All fleets' windows of a second fire together.
  #fired({ startUs, endUs, revision, complete }: TumblingWindow): void {
    if (this.#unfired.size === 0) return;
    const { tracer, nowUs } = this.#parts;
    const firedUs = nowUs();
    for (const way of this.#unfired) {
      const { eventUs, judgedUs } = way;
      const isOver = eventUs === null || firedUs - judgedUs > UNFIRED_US_MAX;
      const isIts = eventUs !== null && eventUs >= startUs && eventUs < endUs;
      if (isOver || isIts) this.#unfired.delete(way);
      if (!isIts) continue;
      const attributes = { "start.us": startUs, "end.us": endUs, revision, complete };
      tracer("window", { parent: way.follow(), startUs: judgedUs, attributes }).end({ endUs: firedUs });
    }
  }
}
