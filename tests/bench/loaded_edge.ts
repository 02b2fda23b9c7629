// An edge that refuses nothing, an uplink peer that acknowledges at once, which stands for the aggregator, and the processes
// that load it.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BatchVerdict, EdgeDownlinkSchema, EdgeUplinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { partArgs } from "../../sim/part.ts";
import { type EdgeStatusView } from "../e2e/system.ts";
import { Process, runToEnd } from "../e2e/process.ts";

const NO_LIMIT = "1000000000";
/** Settings of an edge that refuses nothing. */
export const UNLIMITED = {
  SLIPSTREAM_DRONE_RATE: NO_LIMIT,
  SLIPSTREAM_DRONE_BURST: NO_LIMIT,
  SLIPSTREAM_NODE_RATE: NO_LIMIT,
  SLIPSTREAM_NODE_BURST: NO_LIMIT,
};
const CREDIT = 64;

/** The edge; `env`: further settings. */
export function startUnlimitedEdge(uplinkUrl: string, env: Record<string, string> = {}): Promise<Process> {
  return Process.start({
    args: partArgs("edge"),
    readyWhen: "listening on",
    env: {
      ...env,
      SLIPSTREAM_EDGE_PORT: "0",
      SLIPSTREAM_UPLINK_URL: uplinkUrl,
      ...UNLIMITED,
    },
  });
}

/** Saturation must not be won by refusing. @throws {Error} when the edge has not forwarded what it has received */
export function forwardedAll({ records }: EdgeStatusView): void {
  if (records.received === 0 || records.forwarded < records.received * 0.99) {
    throw new Error(`Cannot trust the edge's numbers: not all was forwarded: ${JSON.stringify(records)}`);
  }
}

/** Runs a load of this folder on a server, and returns what it prints. @throws {Error} with the server's log when it fails */
export async function runLoad<Order extends { url: string }, Loaded>(
  { file, server }: { file: string; server: Process },
  order: Order,
): Promise<Loaded> {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(path, JSON.stringify(order));
    const { code, stdout, stderr } = await runToEnd(["run", "-A", "--quiet", `tests/bench/${file}`, path]);
    if (code === 0) return JSON.parse(stdout);
    const log = (await server.stop()).stderr;
    throw new Error(`Cannot measure ${order.url}: the load ended with exit code ${code}\n${stderr}\nIts log:\n${log}`);
  } finally {
    await Deno.remove(path);
  }
}

/** The uplink's peer. */
export function acknowledgeEverything(): { url: string; stop: () => Promise<void> } {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
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
  return { url: `ws://127.0.0.1:${server.addr.port}/v1/uplink`, stop: () => server.shutdown() };
}
