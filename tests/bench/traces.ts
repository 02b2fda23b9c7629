// An edge that tells traces, one batch in a hundred as by default, against one that tells none, in turns at saturation: same
// frames, same connections, the same peer at the uplink. What is told is received and thrown away.
import { Process } from "../e2e/process.ts";
import { type BenchSettings, type Comparison, median } from "./comparison.ts";
import { acknowledgeEverything, forwardedAll, runLoad, startUnlimitedEdge } from "./loaded_edge.ts";
import { NO_PROOF } from "./load_socket.ts";
import type { SocketsLoaded, SocketsOrder } from "./sockets_load.ts";

const COST_MAX = 0.03;
const CONNECTIONS = 100;
const ROUNDS = 9;
const DISTURBED_MAX = 3;

interface Round {
  on: SocketsLoaded;
  off: SocketsLoaded;
}

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
  const rounds: Round[] = [];
  try {
    for (let round = 0, disturbed = 0; round < (smoke ? 1 : ROUNDS);) {
      const isOnFirst = round % 2 === 0;
      try {
        // Whichever is first has the machine to itself a little longer.
        const first = await measureWith(isOnFirst ? tracing : {});
        const second = await measureWith(isOnFirst ? {} : tracing);
        rounds.push(isOnFirst ? { on: first, off: second } : { on: second, off: first });
        round++;
      } catch (error) {
        // A machine that somebody else uses may stall for so long that the edge gives the load's connections up.
        if (++disturbed > DISTURBED_MAX) throw error;
      }
    }
  } finally {
    await Promise.all([aggregator.stop(), collector.shutdown()]);
  }
  if (exports === 0) throw new Error("Cannot trust the cost of traces: none were told");
  return [comparison(rounds)];
}

function comparison(rounds: readonly Round[]): Comparison {
  const [on, off] = (["on", "off"] as const).map((which) => median(rounds.map((round) => round[which].recordsPerS)));
  // What else runs takes turns from both, and hardly anything from what a turn is worth.
  const cost = median(rounds.map((round) => round.on.cpuUsPerRecord / round.off.cpuUsPerRecord)) - 1;
  const ratios = rounds.map((round) => (round.on.recordsPerS / round.off.recordsPerS).toFixed(2));
  return {
    name: `traces, ${CONNECTIONS} connections, one-record frames`,
    unit: "records/s",
    ours: on!,
    rival: { name: "without traces", value: off! },
    limit: null,
    budget: {
      text: `CPU a record ≤ ${COST_MAX * 100} % more than without (${(cost * 100).toFixed(1)} %)`,
      met: cost <= COST_MAX,
    },
    note: `records/s with / without, of each pair of rounds: ${ratios.join(" ")}`,
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
