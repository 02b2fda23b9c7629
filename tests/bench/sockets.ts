// The edge's real sockets against a bare onmessage counter at saturation: same frames, same number of connections, the
// load in a process of its own. An uplink peer that acknowledges at once stands for the aggregator.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BatchVerdict, EdgeDownlinkSchema, EdgeUplinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { partArgs } from "../../sim/part.ts";
import { Process, runToEnd } from "../e2e/process.ts";
import { type BenchSettings, type Comparison, median } from "./comparison.ts";

const BUDGET_SHARE = 0.8;
const NO_LIMIT = "1000000000";
const CREDIT = 64;

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

interface Measured {
  recordsPerS: number;
  cpuUsPerRecord: number;
  frameBytes: number;
}

/** Records/s at saturation, one-record and 10-record frames. */
export async function compareSockets({ smoke }: BenchSettings): Promise<Comparison[]> {
  const aggregator = acknowledgeEverything();
  const uplinkUrl = `ws://127.0.0.1:${aggregator.addr.port}/v1/uplink`;
  const connections = smoke ? 20 : 100;
  const comparisons: Comparison[] = [];
  try {
    for (const recordsPerFrame of smoke ? [1] : [1, 10]) {
      const rounds: { edge: Measured; bare: Measured }[] = [];
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
    await aggregator.shutdown();
  }
  return comparisons;
}

function comparison(
  rounds: { edge: Measured; bare: Measured }[],
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

async function measure(target: Target, load: Load): Promise<Measured> {
  await using server = target.process;
  const numbers = [load.connections, load.recordsPerFrame, load.warmUpMs, load.measureMs].map(String);
  const args = ["run", "-A", "--quiet", "tests/bench/sockets_load.ts"];
  const { code, stdout, stderr } = await runToEnd([...args, server.url, target.path, String(server.pid), ...numbers]);
  if (code !== 0) throw new Error(`Cannot measure ${server.url}: the load ended with exit code ${code}\n${stderr}`);
  await target.verify();
  return JSON.parse(stdout);
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
  const process = await Process.start({
    args: partArgs("edge"),
    readyWhen: "listening on",
    env: {
      SLIPSTREAM_EDGE_PORT: "0",
      SLIPSTREAM_UPLINK_URL: uplinkUrl,
      SLIPSTREAM_DRONE_RATE: NO_LIMIT,
      SLIPSTREAM_DRONE_BURST: NO_LIMIT,
      SLIPSTREAM_NODE_RATE: NO_LIMIT,
      SLIPSTREAM_NODE_BURST: NO_LIMIT,
    },
  });
  // Saturation must not be won by refusing.
  const verify = async () => {
    const { records } = await (await fetch(`${process.url}/v1/status`)).json();
    if (records.forwarded < records.received * 0.99) {
      throw new Error(`Cannot trust the edge's numbers: not all was forwarded: ${JSON.stringify(records)}`);
    }
  };
  return { process, path: "/v1/telemetry", verify };
}

function acknowledgeEverything(): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const protocol = request.headers.get("sec-websocket-protocol") ?? undefined;
    const { socket, response } = Deno.upgradeWebSocket(request, { protocol });
    socket.binaryType = "arraybuffer";
    const send = (init: Parameters<typeof create<typeof EdgeDownlinkSchema>>[1]) =>
      socket.send(toBinary(EdgeDownlinkSchema, create(EdgeDownlinkSchema, init)));
    socket.onmessage = ({ data }) => {
      const { body } = fromBinary(EdgeUplinkSchema, new Uint8Array(data));
      if (body.case === "hello") {
        send({ body: { case: "hello", value: { safetyCredit: CREDIT, bulkCredit: CREDIT } } });
      } else if (body.case === "batch") {
        const { batchId } = body.value;
        send({ body: { case: "ack", value: { batchId, verdict: BatchVerdict.ACCEPTED } } });
      }
    };
    return response;
  });
}
