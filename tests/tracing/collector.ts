// A collector of traces as OpenTelemetry has them: OTLP over HTTP, in JSON, of as many processes as send any.
import { until } from "../e2e/system.ts";

/** As a process told it. */
export interface CollectedSpan {
  /** The part that told it, such as slipstream.edge; and its process, as OTEL_SERVICE_NAME has it. */
  scope: string;
  service: string;
  traceId: string;
  spanId: string;
  /** Empty: it begins its trace. */
  parentSpanId: string;
  name: string;
  startUs: number;
  endUs: number;
  attributes: Record<string, unknown>;
  /** Why it failed; null: it did not. */
  error: string | null;
}

interface OtlpAttribute {
  key: string;
  value: Record<string, unknown>;
}

interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: OtlpAttribute[];
  status: { code: number; message: string };
}

interface OtlpTraces {
  resourceSpans: {
    resource: { attributes: OtlpAttribute[] };
    scopeSpans: { scope: { name: string }; spans: OtlpSpan[] }[];
  }[];
}

const STATUS_ERROR = 2;

export class Collector implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly spans: CollectedSpan[] = [];

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const told = await request.json();
      if (new URL(request.url).pathname === "/v1/traces") this.spans.push(...spansOf(told));
      return Response.json({});
    });
  }

  /** What makes a process send its spans here, soon. */
  env(service: string): Record<string, string> {
    return {
      OTEL_DENO: "true",
      OTEL_SERVICE_NAME: service,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.#server.addr.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_DENO_CONSOLE: "ignore",
      OTEL_BSP_SCHEDULE_DELAY: "100",
    };
  }

  /** What our own code told. */
  get ours(): CollectedSpan[] {
    return this.spans.filter(({ scope }) => scope.startsWith("slipstream."));
  }

  of(traceId: string): CollectedSpan[] {
    return this.ours.filter((span) => span.traceId === traceId);
  }

  /** Resolves with the first that fits, as soon as there is one. */
  async find(what: string, fits: (span: CollectedSpan) => boolean): Promise<CollectedSpan> {
    await until(what, () => Promise.resolve(this.ours.some(fits)), 30_000);
    return this.ours.find(fits)!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function spansOf({ resourceSpans }: OtlpTraces): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)["service.name"]);
    return scopeSpans.flatMap(({ scope, spans }) => spans.map((span) => spanOf(span, { scope: scope.name, service })));
  });
}

function spanOf(
  { startTimeUnixNano, endTimeUnixNano, attributes, status, traceId, spanId, parentSpanId, name }: OtlpSpan,
  from: Pick<CollectedSpan, "scope" | "service">,
): CollectedSpan {
  return {
    ...{ ...from, traceId, spanId, parentSpanId, name, attributes: valuesOf(attributes) },
    startUs: Number(BigInt(startTimeUnixNano) / 1000n),
    endUs: Number(BigInt(endTimeUnixNano) / 1000n),
    error: status.code === STATUS_ERROR ? status.message : null,
  };
}

/** Each value stands under the name of its type. */
function valuesOf(attributes: OtlpAttribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
