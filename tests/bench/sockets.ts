// The edge's real sockets against a bare onmessage counter at saturation: same frames, same number of connections, the
// load in a process of its own. An uplink peer that acknowledges at once stands for the aggregator.
import { Process } from "../e2e/process.ts";
import { type BenchSettings, type Comparison, median } from "./comparison.ts";
import { acknowledgeEverything, forwardedAll, runLoad, startUnlimitedEdge } from "./loaded_edge.ts";
import { NO_PROOF } from "./load_socket.ts";
import type { SocketsLoaded, SocketsOrder } from "./sockets_load.ts";

const BUDGET_SHARE = 0.8;

interface Target {
  process: Process;
  path: string;
  /** @throws {Error} when it did not do the work that the load counted. */
  verify: () => Promise<void>;
}

interface Load {
  connections: number;
  recordsPerFrame: number;
  warmUpMs: number;
  measureMs: number;
}

/** Records/s at saturation, one-record and 10-record frames. */
export async function compareSockets({ smoke }: BenchSettings): Promise<Comparison[]> {
  const aggregator = acknowledgeEverything();
  const { url: uplinkUrl } = aggregator;
  // So many that none of them sends what is taken for a flood.
  const connections = 100;
  const comparisons: Comparison[] = [];
  try {
    for (const recordsPerFrame of smoke ? [1] : [1, 10]) {
      const rounds: { edge: SocketsLoaded; bare: SocketsLoaded }[] = [];
      for (let round = 0; round < (smoke ? 1 : 5); round++) {
        const load = { connections, recordsPerFrame, warmUpMs: smoke ? 300 : 1500, measureMs: smoke ? 700 : 3000 };
        rounds.push({
          bare: await measure(await startBareCounter(), load),
          edge: await measure(await startEdge(uplinkUrl), load),
        });
      }
      comparisons.push(comparison(rounds, { connections, recordsPerFrame }));
    }
  } finally {
    await aggregator.stop();
  }
  return comparisons;
}

function comparison(
  rounds: { edge: SocketsLoaded; bare: SocketsLoaded }[],
  { connections, recordsPerFrame }: { connections: number; recordsPerFrame: number },
): Comparison {
  const edge = median(rounds.map((round) => round.edge.recordsPerS));
  const bare = median(rounds.map((round) => round.bare.recordsPerS));
  const cpu = (of: "edge" | "bare") => median(rounds.map((round) => round[of].cpuUsPerRecord)).toFixed(2);
  const share = edge / bare;
  return {
    name: `sockets, ${connections} connections, ${recordsPerFrame}-record frames of ${
      rounds[0]?.edge.frameBytes
    } bytes`,
    unit: "records/s",
    ours: edge,
    rival: { name: "bare onmessage counter", value: bare },
    limit: { name: "bare onmessage counter", value: bare },
    budget: recordsPerFrame === 1
      ? { text: `≥ ${BUDGET_SHARE * 100} % of bare (${(share * 100).toFixed(0)} %)`, met: share >= BUDGET_SHARE }
      : null,
    note: `edge / bare = ${share.toFixed(2)}; CPU a record: edge ${cpu("edge")} µs, bare ${cpu("bare")} µs; ` +
      `${navigator.hardwareConcurrency} cores are shared by the server, the load and the uplink's peer`,
  };
}

async function measure(target: Target, { connections, ...rest }: Load): Promise<SocketsLoaded> {
  await using server = target.process;
  const proofs = Array.from({ length: connections }, () => NO_PROOF);
  const url = `${server.url}${target.path}`;
  const loaded = await runLoad<SocketsOrder, SocketsLoaded>({ file: "sockets_load.ts", server }, {
    url,
    serverPids: [server.pid],
    proofs,
    ...rest,
  });
  await target.verify();
  return loaded;
}

async function startBareCounter(): Promise<Target> {
  const process = await Process.start({
    args: ["run", "-A", "--quiet", "tests/bench/bare_counter.ts"],
    readyWhen: "listening on",
  });
  const verify = async () => {
    const { frames } = await (await fetch(process.url)).json();
    if (!(frames > 0)) throw new Error("Cannot trust the counter: no frame came");
  };
  return { process, path: "/", verify };
}

async function startEdge(uplinkUrl: string): Promise<Target> {
  const process = await startUnlimitedEdge(uplinkUrl);
  const verify = async () => forwardedAll(await (await fetch(`${process.url}/v1/status`)).json());
  return { process, path: "/v1/telemetry", verify };
}
