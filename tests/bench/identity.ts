// What it costs that drones prove who they are: the same edge reached without a proof, by a token over TLS, and by a
// certificate, in turns: new connections, memory of those that stay, records at saturation, and warnings.
import { type Way, WAYS } from "../e2e/ways.ts";
import { type BenchSettings, type Comparison, median } from "./comparison.ts";
import type { ConnectionsLoaded, ConnectionsOrder } from "./connections_load.ts";
import { acknowledgeEverything, forwardedAll, runLoad, startUnlimitedEdge } from "./loaded_edge.ts";
import { ProvenFleet } from "./proven_fleet.ts";
import { BETWEEN, type Between, limitComparison, measureBare } from "./identity_limit.ts";
import { compareWarnings } from "./identity_warnings.ts";
import type { SocketsLoaded, SocketsOrder } from "./sockets_load.ts";

const BUDGET_SHARE = 0.85;

interface Sizes {
  rounds: number;
  /** That stay, and that send. */
  staying: number;
  sending: number;
  recordsPerFrame: number[];
  warmUpMs: number;
  measureMs: number;
}

const SERIOUS = { rounds: 3, staying: 500, sending: 100, recordsPerFrame: [1, 10], warmUpMs: 1200, measureMs: 2000 };
const SMOKE = { rounds: 1, staying: 100, sending: 100, recordsPerFrame: [1], warmUpMs: 300, measureMs: 700 };

interface Round {
  connections: ConnectionsLoaded;
  /** By records in a frame. */
  records: Map<number, SocketsLoaded>;
}

/** Handshakes/s, KiB a connection, records/s, ms of a warning. */
export async function compareIdentity(settings: BenchSettings): Promise<Comparison[]> {
  return [...await compareConnections(settings), ...await compareWarnings(settings)];
}

async function compareConnections({ smoke }: BenchSettings): Promise<Comparison[]> {
  const sizes = smoke ? SMOKE : SERIOUS;
  const names = Array.from({ length: Math.max(sizes.staying, sizes.sending) }, (_, i) => droneName(i));
  await using fleet = await ProvenFleet.create(names);
  const aggregator = acknowledgeEverything();
  const rounds: Record<Way, Round[]> = { plain: [], token: [], mTLS: [] };
  const bare: Record<Between, SocketsLoaded[]> = { plain: [], mTLS: [] };
  const recordsMax = Math.max(...sizes.recordsPerFrame);
  try {
    for (let round = 0; round < sizes.rounds; round++) {
      for (const way of WAYS) rounds[way].push(await measure(way, { fleet, sizes, uplinkUrl: aggregator.url }));
      for (const way of BETWEEN) {
        bare[way].push(await measureBare(way, { fleet, order: orderOf(way, { fleet, sizes, records: recordsMax }) }));
      }
    }
  } finally {
    await aggregator.stop();
  }
  return [
    handshakes(rounds),
    memory(rounds, sizes),
    ...sizes.recordsPerFrame.map((recordsPerFrame) => records(rounds, { ...sizes, recordsPerFrame })),
    limitComparison({
      edge: { plain: loaded(rounds.plain, recordsMax), mTLS: loaded(rounds.mTLS, recordsMax) },
      bare,
      recordsPerFrame: recordsMax,
    }),
  ];
}

function loaded(rounds: Round[], recordsPerFrame: number): SocketsLoaded[] {
  return rounds.map(({ records }) => records.get(recordsPerFrame)!);
}

function orderOf(
  way: Way,
  { fleet, sizes: { sending, warmUpMs, measureMs }, records }: { fleet: ProvenFleet; sizes: Sizes; records: number },
): Omit<SocketsOrder, "url" | "serverPids"> {
  return { proofs: fleet.proofs(way, sending), recordsPerFrame: records, warmUpMs, measureMs };
}

/** As the loads call their drones. */
function droneName(i: number): string {
  return `drone-${String(i).padStart(4, "0")}`;
}

async function measure(
  way: Way,
  { fleet, sizes, uplinkUrl }: { fleet: ProvenFleet; sizes: Sizes; uplinkUrl: string },
): Promise<Round> {
  await using edge = await startUnlimitedEdge(uplinkUrl, fleet.edgeEnv(way));
  const server = { url: `${edge.url}/v1/telemetry`, serverPid: edge.pid };
  const staying = { ...server, proofs: fleet.proofs(way, sizes.staying), measureMs: sizes.measureMs };
  const connections = await runLoad<ConnectionsOrder, ConnectionsLoaded>(
    { file: "connections_load.ts", server: edge },
    staying,
  );
  const records = new Map<number, SocketsLoaded>();
  for (const recordsPerFrame of sizes.recordsPerFrame) {
    const sending = {
      url: server.url,
      serverPids: [edge.pid],
      ...orderOf(way, { fleet, sizes, records: recordsPerFrame }),
    };
    const load = { file: "sockets_load.ts", server: edge };
    records.set(recordsPerFrame, await runLoad<SocketsOrder, SocketsLoaded>(load, sending));
  }
  const status = `${edge.url}/v1/status`;
  forwardedAll(await (way === "plain" ? await fetch(status) : await fleet.identity.ask(status)).json());
  return { connections, records };
}

function handshakes(rounds: Record<Way, Round[]>): Comparison {
  const of = (way: Way, what: keyof ConnectionsLoaded) => median(rounds[way].map((round) => round.connections[what]));
  const cpu = WAYS.map((way) => `${way} ${of(way, "cpuMsPerHandshake").toFixed(2)} ms`).join(", ");
  return {
    name: "identity, new connections, each until its Hello",
    unit: "a second",
    ...contenders((way) => of(way, "handshakesPerS")),
    budget: null,
    note: `TLS handshakes are full ones; CPU of the edge for each: ${cpu}`,
  };
}

function memory(rounds: Record<Way, Round[]>, { staying }: Sizes): Comparison {
  return {
    name: `identity, ${staying} connections that do nothing`,
    unit: "KiB each",
    ...contenders((way) => median(rounds[way].map(({ connections }) => connections.kibPerConnection))),
    budget: null,
    note: "resident memory of the edge, garbage that is not collected yet included",
  };
}

function records(
  rounds: Record<Way, Round[]>,
  { sending, recordsPerFrame }: Omit<Sizes, "recordsPerFrame"> & { recordsPerFrame: number },
): Comparison {
  const of = (way: Way, what: keyof SocketsLoaded) =>
    median(loaded(rounds[way], recordsPerFrame).map((found) => found[what]));
  const share = of("mTLS", "recordsPerS") / of("plain", "recordsPerS");
  const cpuShare = of("plain", "cpuUsPerRecord") / of("mTLS", "cpuUsPerRecord");
  // µs a record are seconds a million.
  const cpu = (what: "cpuUsPerRecord" | "loadUsPerRecord") => WAYS.map((way) => of(way, what).toFixed(2)).join(", ");
  return {
    name: `identity, ${sending} connections, ${recordsPerFrame}-record frames of ${of("mTLS", "frameBytes")} bytes`,
    unit: "records/s",
    ...contenders((way) => of(way, "recordsPerS")),
    // Where the machine has no core left for the load, plain is not as fast as the edge could be: CPU tells.
    budget: {
      text: `mTLS ≥ ${percent(BUDGET_SHARE)} of plain (${percent(share)}, by the edge's CPU ${percent(cpuShare)})`,
      met: Math.min(share, cpuShare) >= BUDGET_SHARE,
    },
    note: `CPU-seconds a million records, ${WAYS.join(", ")}: ` +
      `edge ${cpu("cpuUsPerRecord")}, load ${cpu("loadUsPerRecord")}`,
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function contenders(value: (way: Way) => number): Pick<Comparison, "ours" | "rival" | "limit"> {
  return {
    ours: value("mTLS"),
    rival: { name: "token over TLS", value: value("token") },
    limit: { name: "plain, nobody proves anything", value: value("plain") },
  };
}
