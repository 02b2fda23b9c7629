// What an edge says of a batch's way, of a warning's, and of what it refused. Of a batch nothing is said before it is known
// to matter: one in so many always is, the others are where the aggregator says so with its answer. Until then their times
// stand in them in any case, and cost nothing more.
import { Allowance } from "../../platform/allowance.ts";
import type { Platform } from "../../platform/system.ts";
import { idsOf, type Span, type TraceContext, type Tracer } from "../../platform/tracing.ts";
import { type BatchAck, BatchVerdict } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { LaneIndex } from "../../wasm/limits.ts";
import type { OutboundBatch } from "../lanes/sealing.ts";

export interface EdgeTracesParts {
  tracer: Tracer;
  /** One batch of a lane in so many is followed, whatever comes of it. */
  oneIn: number;
  platform: Pick<Platform, "now" | "clock" | "pseudonym">;
}

/** What traces, if it is on. */
export interface Traced {
  /** Without them nothing is traced. */
  traces?: EdgeTraces | null;
}

/** A warning has come to its drone. */
export interface DeliveredWarning {
  droneId: string;
  alertId: bigint;
  /** Of the aggregator's DroneAlert. */
  trace: Uint8Array;
  /** Unix µs: handed to what carries the drone's connection; and its acknowledgement received, if it ever acknowledges. */
  sentUs: bigint;
  endUs?: bigint;
}

/** Something that was not taken. */
export interface Refused {
  /** One word. */
  reason: string;
  /** Null: nobody knows whose it was. */
  droneId: string | null;
  records: number;
}

/** A flood of refusals is told of by its beginning, and by how many more there were. */
const REFUSALS = { burst: 20, perS: 5 };

export class EdgeTraces {
  readonly #parts: EdgeTracesParts;
  readonly #refusals = new Allowance(REFUSALS);
  /** Batches of a lane since one was followed. */
  readonly #since = [0, 0];
  /** Those that are followed before the aggregator has answered. */
  readonly #followed = new WeakMap<OutboundBatch, Span>();

  constructor(parts: EdgeTracesParts) {
    this.#parts = parts;
  }

  /** A batch was sealed, and has not been sent. */
  sealed(batch: OutboundBatch): void {
    const { lane, sealed } = batch;
    if (++this.#since[lane]! < this.#parts.oneIn) return;
    this.#since[lane] = 0;
    const startUs = Number(sealed.firstIngestionTimeUs);
    const whole = this.#parts.tracer("telemetry", { parent: null, startUs, attributes: { sampled: true } });
    sealed.trace = whole.context;
    this.#followed.set(batch, whole);
  }

  /** The aggregator has answered, which ends the way of what is followed, or says that it matters. */
  answered(batch: OutboundBatch, { verdict, reason, trace }: BatchAck): void {
    const whole = this.#followed.get(batch);
    const isRefused = verdict === BatchVerdict.MALFORMED;
    if (whole && !isRefused && verdict !== BatchVerdict.ACCEPTED) return;
    this.#followed.delete(batch);
    const parent = whole?.context ?? trace;
    if (idsOf(parent) === null) return;
    const { tracer, platform } = this.#parts;
    const { lane, sealed: { records, body, firstIngestionTimeUs, sealedTimeUs } } = batch;
    const [inUs, sealedUs, endUs] = [Number(firstIngestionTimeUs), Number(sealedTimeUs), platform.now() * 1000];
    const error = isRefused ? { error: reason } : {};
    const attributes = { lane: lane === LaneIndex.safety ? "safety" : "bulk", records, bytes: body.length };
    tracer("lane", { parent, startUs: inUs, attributes }).end({ endUs: sealedUs });
    tracer("uplink", { parent, startUs: sealedUs }).end({ endUs, ...error });
    whole?.end({ endUs, ...error });
  }

  /** @returns the context of the delivery, for what comes of it */
  delivered({ droneId, alertId, trace, sentUs, endUs = sentUs }: DeliveredWarning): TraceContext {
    const { tracer, platform } = this.#parts;
    const attributes = { drone: platform.pseudonym(droneId), alert: `${alertId}` };
    const span = tracer("delivery", { parent: trace, startUs: Number(sentUs), attributes });
    span.end({ endUs: Number(endUs) });
    return span.context;
  }

  refused({ reason, droneId, records }: Refused): void {
    const { tracer, platform } = this.#parts;
    if (!this.#refusals.take(platform.clock())) return;
    const attributes = {
      ...{ reason, records, untold: this.#refusals.takeDenied() },
      ...droneId !== null && { drone: platform.pseudonym(droneId) },
    };
    const nowUs = platform.now() * 1000;
    tracer("refusal", { parent: null, startUs: nowUs, attributes }).end({ endUs: nowUs, error: reason });
  }
}
