// A node of several edges as real processes, as `deno task edge` starts it.
import { fromBinary } from "@bufbuild/protobuf";
import { DroneDownlinkSchema } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { V8_FLAGS } from "../../sim/part.ts";
import { Process } from "../e2e/process.ts";

/** What tests use of a node's GET /v1/status. */
export interface NodeStatus {
  edgeId: string;
  uplink: string;
  connections: number;
  records: Record<"received" | "forwarded" | "duplicate" | "refused", number>;
  backlog: { bytes: number };
  batches: { unacknowledged: number };
  edges: {
    edgeId: string;
    state: string;
    pid: number;
    restarts: number;
    connections: number;
    records: { received: number };
  }[];
}

/** An edge that hangs does not answer at all. */
const ANSWER_MS_MAX = 5000;

export const NODE_ARGS = ["run", "-A", "--quiet", V8_FLAGS.edge, "edge/node/main.ts"];

/** Ready when all its edges are. */
export function startNode(env: Record<string, string> = {}): Promise<Process> {
  return Process.start({
    args: NODE_ARGS,
    env: {
      SLIPSTREAM_EDGE_PORT: "0",
      SLIPSTREAM_EDGE_PROCESSES: "2",
      SLIPSTREAM_UPLINK_URL: "ws://127.0.0.1:9/v1/uplink",
      ...env,
    },
    readyWhen: "listening on",
  });
}

export async function statusOf(url: string): Promise<NodeStatus> {
  const signal = AbortSignal.timeout(ANSWER_MS_MAX);
  return await (await fetch(`${url}/v1/status`, { headers: { connection: "close" }, signal })).json();
}

/** A drone's socket, once the edge that has it has said which one it is. */
export async function connect(
  url: string,
): Promise<{ socket: WebSocket; edgeId: string; closed: Promise<CloseEvent> }> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/telemetry`, "slipstream.v1");
  socket.binaryType = "arraybuffer";
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  const { data } = await new Promise<MessageEvent>((resolve, reject) => {
    socket.onmessage = resolve;
    socket.onerror = () => reject(new Error("Cannot connect: the edge refuses"));
  });
  const { body } = fromBinary(DroneDownlinkSchema, new Uint8Array(data));
  return { socket, closed, edgeId: body.case === "hello" ? body.value.edgeId : "" };
}

/** Ends a process that may have ended already. */
export function end(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
