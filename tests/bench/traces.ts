// An edge that tells traces, one batch in a hundred as by default, against one that tells none, in turns at saturation: same
// frames, same connections, the same peer at the uplink. What is told is received and thrown away.
import { Process } from "../e2e/process.ts";
import { type BenchSettings, type Comparison, median } from "./comparison.ts";
import { acknowledgeEverything, forwardedAll, runLoad, startUnlimitedEdge } from "./loaded_edge.ts";
import { NO_PROOF } from "./load_socket.ts";
import type { SocketsLoaded, SocketsOrder } from "./sockets_load.ts";

const COST_MAX = 0.03;
const CONNECTIONS = 100;

/** Records/s at saturation, one-record frames. */
export async function compareTraces({ smoke }: BenchSettings): Promise<Comparison[]> {
  const aggregator = acknowledgeEverything();
  let exports = 0;
  const collector = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    await request.bytes();
    if (request.url.endsWith("/v1/traces")) exports++;
    return new Response();
  });
  const tracing = {
    OTEL_DENO: "true",
    OTEL_DENO_CONSOLE: "ignore",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.addr.port}`,
    OTEL_BSP_SCHEDULE_DELAY: smoke ? "100" : "1000",
  };
  const load = { warmUpMs: smoke ? 300 : 1500, measureMs: smoke ? 700 : 4000 };
  const measureWith = (env: Record<string, string>) => measure(aggregator.url, { env, ...load });
  const rounds: { on: SocketsLoaded; off: SocketsLoaded }[] = [];
  try {
    for (let round = 0; round < (smoke ? 1 : 9); round++) {
      // Whichever is first has the machine to itself a little longer.
      const first = await measureWith(round % 2 === 0 ? tracing : {});
      const second = await measureWith(round % 2 === 0 ? {} : tracing);
      rounds.push(round % 2 === 0 ? { on: first, off: second } : { on: second, off: first });
    }
  } finally {
    await Promise.all([aggregator.stop(), collector.shutdown()]);
  }
  if (exports === 0) throw new Error("Cannot trust the cost of traces: none were told");
  return [comparison(rounds)];
}

function comparison(rounds: { on: SocketsLoaded; off: SocketsLoaded }[]): Comparison {
  const of = (which: "on" | "off", value: (loaded: SocketsLoaded) => number) =>
    median(rounds.map((round) => value(round[which])));
  const [on, off] = [of("on", ({ recordsPerS }) => recordsPerS), of("off", ({ recordsPerS }) => recordsPerS)];
  const ratios = rounds.map((round) => round.on.recordsPerS / round.off.recordsPerS);
  const share = median(ratios);
  const cpu = median(rounds.map((round) => round.on.cpuUsPerRecord / round.off.cpuUsPerRecord));
  return {
    name: `traces, ${CONNECTIONS} connections, one-record frames`,
    unit: "records/s",
    ours: on,
    rival: { name: "without traces", value: off },
    limit: null,
    budget: { text: `cost ≤ ${COST_MAX * 100} % (${((1 - share) * 100).toFixed(1)} %)`, met: 1 - share <= COST_MAX },
    note: `with / without, of each pair of rounds: ${ratios.map((ratio) => ratio.toFixed(2)).join(" ")}; ` +
      `CPU a record: ${cpu.toFixed(2)} of that without`,
  };
}

async function measure(
  uplinkUrl: string,
  { env, ...load }: { env: Record<string, string>; warmUpMs: number; measureMs: number },
): Promise<SocketsLoaded> {
  await using edge: Process = await startUnlimitedEdge(uplinkUrl, env);
  const loaded = await runLoad<SocketsOrder, SocketsLoaded>("sockets_load.ts", {
    url: `${edge.url}/v1/telemetry`,
    serverPids: [edge.pid],
    proofs: Array.from({ length: CONNECTIONS }, () => NO_PROOF),
    recordsPerFrame: 1,
    ...load,
  });
  forwardedAll(await (await fetch(`${edge.url}/v1/status`)).json());
  return loaded;
}
