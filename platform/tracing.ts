// Spans by Deno's own OpenTelemetry: what took how long, in one process or in several, told to whoever collects that. Their
// times are given to them, so that a span can be made of what has happened already, once it turns out to matter. The library
// is loaded where somebody asks for traces; nothing waits for a collector, and without one they are dropped.
import { bounded } from "./bounds.ts";
import { VERSION } from "./version.ts";

/** Trace id and span id, as they travel: 24 bytes. */
export type TraceContext = Uint8Array<ArrayBuffer>;

type Attributes = Record<string, string | number | boolean>;

export interface SpanStart {
  /** Null, or what is no context: it begins a trace. */
  parent: Uint8Array | null;
  /** Unix µs. */
  startUs: number;
  attributes?: Attributes;
}

export interface SpanEnd {
  /** Unix µs. */
  endUs: number;
  attributes?: Attributes;
  /** Why what it stands for failed. */
  error?: string;
}

/** One that has begun; if it is never ended nobody hears of it. */
export interface Span {
  /** For those that come of it, here or in another process. */
  context: TraceContext;
  end: (end: SpanEnd) => void;
}

/** Begins a span. Its names are few: what differs is in attributes. */
export type Tracer = (name: string, start: SpanStart) => Span;

const TRACE_ID_BYTES = 16;
const CONTEXT_BYTES = 24;
/** Of W3C Trace Context: whoever follows it is to keep it. */
const SAMPLED = 1;

/** Whether Deno's own OpenTelemetry is on: it takes no other word for that. */
export function isTraced(env: { get: (name: string) => string | undefined }): boolean {
  return env.get("OTEL_DENO") === "true";
}

/** Of a process; `common`: what each of its spans says. */
export async function openTracer(part: string, common: Attributes): Promise<Tracer> {
  const { ROOT_CONTEXT, SpanStatusCode, trace } = await import("@opentelemetry/api");
  const tracer = trace.getTracer(`slipstream.${part}`, VERSION);
  return (name, { parent, startUs, attributes }) => {
    const remote = parent && idsOf(parent);
    // Never what is active: that is the request by which a socket came, for all that the socket ever brings.
    const above = remote
      ? trace.setSpanContext(ROOT_CONTEXT, { ...remote, traceFlags: SAMPLED, isRemote: true })
      : ROOT_CONTEXT;
    const startTime = told(startUs);
    const span = tracer.startSpan(
      name,
      { startTime, attributes: { version: VERSION, ...common, ...attributes } },
      above,
    );
    return {
      context: bytesOf(span.spanContext()),
      end: ({ endUs, attributes = {}, error }) => {
        span.setAttributes(attributes);
        if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
        span.end(Math.max(startTime, told(endUs)));
      },
    };
  };
}

/** The ids of a context in hexadecimal digits, as others write them; null: it is none. */
export function idsOf(context: Uint8Array): { traceId: string; spanId: string } | null {
  if (context.length !== CONTEXT_BYTES) return null;
  const [trace, span] = [context.subarray(0, TRACE_ID_BYTES), context.subarray(TRACE_ID_BYTES)];
  // W3C Trace Context, §3.2.2: all zeros are no id.
  if (trace.every((byte) => byte === 0) || span.every((byte) => byte === 0)) return null;
  return { traceId: hexOf(trace), spanId: hexOf(span) };
}

/** In ms; one that is no time would end the process. */
function told(us: number): number {
  return bounded(us, 0, Number.MAX_SAFE_INTEGER) / 1000;
}

function bytesOf({ traceId, spanId }: { traceId: string; spanId: string }): TraceContext {
  return Uint8Array.from(`${traceId}${spanId}`.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
