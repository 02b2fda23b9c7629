// A collector of traces that takes what processes tell it and throws it away.

export interface DiscardedTraces {
  /** Settings of a process that tells its traces, at default sampling. */
  env: Record<string, string>;
  /** How often traces were told. @throws {Error} when they never were: then nothing was measured */
  exports: () => number;
  stop: () => Promise<void>;
}

/** `delayMs`: how long a process gathers spans before it tells them. */
export function discardTraces({ delayMs }: { delayMs: number }): DiscardedTraces {
  let exports = 0;
  const collector = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    await request.bytes();
    if (request.url.endsWith("/v1/traces")) exports++;
    return new Response();
  });
  return {
    env: {
      OTEL_DENO: "true",
      OTEL_DENO_CONSOLE: "ignore",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.addr.port}`,
      OTEL_BSP_SCHEDULE_DELAY: `${delayMs}`,
    },
    exports: () => {
      if (exports === 0) throw new Error("Cannot trust the cost of traces: none were told");
      return exports;
    },
    stop: () => collector.shutdown(),
  };
}
