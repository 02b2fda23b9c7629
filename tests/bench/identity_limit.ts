// How much of plain's records mutual TLS keeps where nothing is done but counting: what the runtime's node:https and `ws` leave
// to any server.
import { V8_FLAGS } from "../../sim/part.ts";
import { Process } from "../e2e/process.ts";
import type { Way } from "../e2e/ways.ts";
import { type Comparison, median } from "./comparison.ts";
import { runLoad } from "./loaded_edge.ts";
import type { ProvenFleet } from "./proven_fleet.ts";
import { FRAMES_PER_WRITE, type SocketsLoaded, type SocketsOrder } from "./sockets_load.ts";

/** The ways between which TLS is the difference. */
export type Between = Extract<Way, "plain" | "mTLS">;
export const BETWEEN: readonly Between[] = ["plain", "mTLS"];

/** One way, to the bare server. */
export async function measureBare(
  way: Between,
  { fleet, order }: { fleet: ProvenFleet; order: Omit<SocketsOrder, "url" | "serverPids"> },
): Promise<SocketsLoaded> {
  const { SLIPSTREAM_TLS_CERT, SLIPSTREAM_TLS_CA } = fleet.edgeEnv(way);
  const files = way === "plain" ? [] : [SLIPSTREAM_TLS_CERT!, SLIPSTREAM_TLS_CA!];
  await using server = await Process.start({
    args: ["run", "-A", "--quiet", V8_FLAGS.edge, "tests/bench/bare_server.ts", ...files],
    readyWhen: "listening on",
  });
  return await runLoad<SocketsOrder, SocketsLoaded>({ file: "sockets_load.ts", server }, {
    ...order,
    url: `${server.url}/`,
    serverPids: [server.pid],
  });
}

/** What is kept, by CPU a record: it does not depend on what a machine has left for the load. */
export function limitComparison(
  { edge, bare, recordsPerFrame }: {
    edge: Record<Between, SocketsLoaded[]>;
    bare: Record<Between, SocketsLoaded[]>;
    recordsPerFrame: number;
  },
): Comparison {
  const cpuUs = (rounds: SocketsLoaded[]) => median(rounds.map(({ cpuUsPerRecord }) => cpuUsPerRecord));
  const kept = ({ plain, mTLS }: Record<Between, SocketsLoaded[]>) => cpuUs(plain) / cpuUs(mTLS) * 100;
  const records = recordsPerFrame * FRAMES_PER_WRITE;
  const cost = ({ plain, mTLS }: Record<Between, SocketsLoaded[]>) => (cpuUs(mTLS) - cpuUs(plain)) * records;
  const perS = (rounds: SocketsLoaded[]) => median(rounds.map(({ recordsPerS }) => recordsPerS));
  const wall = perS(bare.mTLS) / perS(bare.plain) * 100;
  return {
    name: `identity, of plain's records by CPU mTLS keeps, ${recordsPerFrame}-record frames`,
    unit: "%",
    ours: kept(edge),
    rival: null,
    limit: { name: "bare node:https and ws that count", value: kept(bare) },
    budget: null,
    note: `of ${FRAMES_PER_WRITE} frames TLS costs ${cost(edge).toFixed(1)} µs of the edge's CPU, ` +
      `${cost(bare).toFixed(1)} µs of the bare server's, which keeps ${wall.toFixed(0)} % of its records/s`,
  };
}
