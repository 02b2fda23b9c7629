// From the start of a process to the first verdict of its hot path, as a client on bare TCP sees it that knocks until somebody
// opens: a frame of two records, of a drone that may send one, is refused at once, by the hot path.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { DroneDownlinkSchema } from "../../../proto/gen/slipstream/v1/downlink_pb.ts";
import { TelemetryFrameSchema } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { webSocketFrame } from "../../edge/raw_client.ts";
import { type LoadProof, openSocket } from "../load_socket.ts";

/** By which an edge refuses the second record of a frame. */
export const ONE_RECORD_ENV = { SLIPSTREAM_DRONE_BURST: "1", SLIPSTREAM_DRONE_RATE: "1" };

const KNOCK_MS = 1;
const KNOCKING_MS_MAX = 30_000;

/** A connection, as soon as somebody listens. @throws {Error} when nobody does */
export async function knock(port: number): Promise<Deno.TcpConn> {
  const untilMs = performance.now() + KNOCKING_MS_MAX;
  for (;;) {
    try {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      connection.setNoDelay(true);
      return connection;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused) || performance.now() > untilMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, KNOCK_MS));
    }
  }
}

/** Resolves with the first verdict that the edge at that port gives. */
export async function firstVerdict(
  port: number,
  { droneId, proof }: { droneId: string; proof: LoadProof },
): Promise<void> {
  (await knock(port)).close();
  const { connection, first } = await openSocket(new URL(`http://127.0.0.1:${port}/v1/telemetry`), proof);
  try {
    const records = [1, 2].map((seq) => ({
      seq,
      eventTimeUs: BigInt(Date.now()) * 1000n,
      body: { case: "battery" as const, value: { id: 0, voltageMv: 15_000 } },
    }));
    const frame = toBinary(TelemetryFrameSchema, create(TelemetryFrameSchema, { droneId, bootId: 1, records }));
    await connection.write(webSocketFrame(frame));
    let heard = first;
    const buffer = new Uint8Array(4096);
    while (!messages(heard).includes("throttle")) {
      const count = await connection.read(buffer);
      if (count === null) throw new Error("Cannot hear a verdict: the edge closed the connection");
      heard = new Uint8Array([...heard, ...buffer.subarray(0, count)]);
    }
  } finally {
    connection.close();
  }
}

/** What an edge said, of whole and short messages: a first byte, a length, and so many bytes. */
function messages(bytes: Uint8Array): (string | undefined)[] {
  const found: (string | undefined)[] = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const end = at + 2 + bytes[at + 1]!;
    if (end > bytes.length) break;
    found.push(fromBinary(DroneDownlinkSchema, bytes.subarray(at + 2, end)).body.case);
    at = end;
  }
  return found;
}
