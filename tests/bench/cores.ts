// One edge and two of them behind one port, at saturation. The load, and the peer of the uplink, run on the same cores: what
// the edges could do with all of them is what their own CPU time for a record allows. That two take no more of it for a
// record than one does is what is to be shown; what was sent while load and edges shared the cores is told beside it.
import type { Process } from "../e2e/process.ts";
import { type NodeStatus, startNode } from "../node/rig.ts";
import { type BenchSettings, type Comparison, median } from "./comparison.ts";
import { acknowledgeEverything, forwardedAll, runLoad, UNLIMITED } from "./loaded_edge.ts";
import type { Way } from "../e2e/ways.ts";
import { ProvenFleet } from "./proven_fleet.ts";
import type { SocketsLoaded, SocketsOrder } from "./sockets_load.ts";

const SPEED_UP = 1.7;
/** More edges than the machines have cores on which this is run would show what the scheduler does. */
const EDGES = [1, 2] as const;
type Edges = (typeof EDGES)[number];
/** So many that both edges have enough of them to be busy, whom the kernel gives them to by chance. */
const CONNECTIONS = 200;
const RECORDS_PER_FRAME = 10;

interface Round extends SocketsLoaded {
  /** Of the edges, the part that the busiest has. */
  busiestShare: number;
}

/** Records/s that two cores could take in, by the edges' CPU; plain, and with a certificate for each drone. */
export async function compareCores({ smoke }: BenchSettings): Promise<Comparison[]> {
  const names = Array.from({ length: CONNECTIONS }, (_, i) => `drone-${String(i).padStart(4, "0")}`);
  await using fleet = await ProvenFleet.create(names);
  const aggregator = acknowledgeEverything();
  try {
    const comparisons: Comparison[] = [];
    for (const way of smoke ? ["plain"] as const : ["plain", "mTLS"] as const) {
      const rounds: Record<Edges, Round[]> = { 1: [], 2: [] };
      for (let round = 0; round < (smoke ? 1 : 5); round++) {
        for (const edges of EDGES) {
          rounds[edges].push(await measure(edges, { way, fleet, uplinkUrl: aggregator.url, smoke }));
        }
      }
      comparisons.push(comparison(way, rounds));
    }
    return comparisons;
  } finally {
    await aggregator.stop();
  }
}

async function measure(
  edges: Edges,
  { way, fleet, uplinkUrl, smoke }: { way: Way; fleet: ProvenFleet; uplinkUrl: string; smoke: boolean },
): Promise<Round> {
  await using node = await startNode({
    ...{ ...UNLIMITED, ...fleet.edgeEnv(way), SLIPSTREAM_UPLINK_URL: uplinkUrl },
    SLIPSTREAM_EDGE_PROCESSES: `${edges}`,
  });
  const status = async (): Promise<Partial<NodeStatus> & Parameters<typeof forwardedAll>[0]> => {
    const url = `${node.url}/v1/status`;
    return await (way === "plain" ? await fetch(url) : await fleet.identity.ask(url)).json();
  };
  const loaded = await runLoad<SocketsOrder, SocketsLoaded>({ file: "sockets_load.ts", server: node }, {
    url: `${node.url}/v1/telemetry`,
    serverPids: pidsOf(node, await status()),
    aidPids: [Deno.pid],
    proofs: fleet.proofs(way, CONNECTIONS),
    recordsPerFrame: RECORDS_PER_FRAME,
    ...smoke ? { warmUpMs: 300, measureMs: 700 } : { warmUpMs: 1200, measureMs: 2500 },
  });
  const after = await status();
  forwardedAll(after);
  const received = after.edges?.map(({ records }) => records.received) ?? [1];
  return { ...loaded, busiestShare: Math.max(...received) / received.reduce((sum, count) => sum + count, 0) };
}

/** The edges, and the process that minds them. */
function pidsOf(node: Process, { edges = [] }: Partial<NodeStatus>): number[] {
  return [node.pid, ...edges.map(({ pid }) => pid)];
}

function comparison(way: Way, rounds: Record<Edges, Round[]>): Comparison {
  const of = (edges: Edges, what: keyof Round) => median(rounds[edges].map((round) => round[what]));
  const capacity = (edges: Edges) => edges * 1e6 / of(edges, "cpuUsPerRecord");
  const speedUp = capacity(2) / capacity(1);
  const both = (what: keyof Round, digits: number) =>
    EDGES.map((edges) => of(edges, what).toFixed(digits)).join(" and ");
  return {
    name: `cores, ${way}, ${CONNECTIONS} connections, ${RECORDS_PER_FRAME}-record frames, two edges beside one`,
    unit: "records/s by the edges' CPU, the load's subtracted",
    ours: capacity(2),
    rival: { name: "one edge, one core", value: capacity(1) },
    limit: { name: "twice one edge", value: 2 * capacity(1) },
    budget: { text: `≥ ${SPEED_UP} × one edge (${speedUp.toFixed(2)})`, met: speedUp >= SPEED_UP },
    note: `CPU a record with one and two: edges ${both("cpuUsPerRecord", 2)} µs, load and uplink's peer ` +
      `${both("loadUsPerRecord", 2)} µs; by the clock, on ${navigator.hardwareConcurrency} cores that they share: ` +
      `${both("recordsPerS", 0)} records/s (${(of(2, "recordsPerS") / of(1, "recordsPerS")).toFixed(2)} ×); ` +
      `the busier of two has ${(of(2, "busiestShare") * 100).toFixed(0)} %`,
  };
}
