// Bulk records beside a fleet's own: battery readings in frames of many, from drones of their own, at a steady rate.
import { create } from "@bufbuild/protobuf";
import { RecordFlag, TelemetrySchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { encodeFrame } from "../../clients/typescript/src/frame.ts";

/** By their names. */
export const BULK_SENDERS: readonly string[] = Array.from({ length: 100 }, (_, i) => `bulk-${i}`);
const RECORDS_PER_FRAME = 10;
const STEP_MS = 10;

/** Sends until the signal; resolves with how many records that were. */
export async function bulkLoad(
  { connect, recordsPerS, signal }: {
    connect: (droneId: string) => WebSocket;
    recordsPerS: number;
    signal: AbortSignal;
  },
): Promise<number> {
  const senders = await Promise.all(BULK_SENDERS.map(async (droneId) => {
    const socket = connect(droneId);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    return { socket, droneId, seq: 0 };
  }));
  const beganMs = performance.now();
  let sent = 0;
  for (let turn = 0; !signal.aborted;) {
    const due = (performance.now() - beganMs) / 1000 * recordsPerS;
    for (; sent < due; sent += RECORDS_PER_FRAME) {
      const sender = senders[turn++ % senders.length]!;
      const eventTimeUs = BigInt(Math.floor((performance.timeOrigin + performance.now()) * 1000));
      const records = Array.from({ length: RECORDS_PER_FRAME }, () =>
        create(TelemetrySchema, {
          seq: sender.seq++,
          eventTimeUs,
          flags: RecordFlag.ARMED,
          body: { case: "battery", value: { id: 0, voltageMv: 15_400, remainingCpct: 7000 } },
        }));
      sender.socket.send(encodeFrame({ droneId: sender.droneId, bootId: 1 }, records));
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
  await Promise.all(senders.map(({ socket }) => {
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    return closed;
  }));
  return sent;
}
