// What an aggregator, or who poses as one, sends to an edge that has drones, batches and losses.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { DroneDownlinkSchema } from "../../../proto/gen/slipstream/v1/downlink_pb.ts";
import { EdgeDownlinkSchema } from "../../../proto/gen/slipstream/v1/uplink_pb.ts";
import { CloseCode } from "../../../proto/words.ts";
import { batteryFrame } from "../../edge/rig.ts";
import { StillEdge } from "../../edge/still_rig.ts";
import { Broken, said, type Session, type Target } from "../target.ts";

type Body = NonNullable<NonNullable<Parameters<typeof create<typeof EdgeDownlinkSchema>>[1]>["body"]>;

const STEP_MS = 10;
const RECONNECT_MS = 10_000;
/** The first batch that the edge seals, as its chance has it; another id is one it does not know. */
const BATCH_ID = new Uint8Array(16).fill(7);

function encode(body: Body): Uint8Array<ArrayBuffer> {
  return toBinary(EdgeDownlinkSchema, create(EdgeDownlinkSchema, { body }));
}

const alert = { alertId: 7n, kind: 1, severity: 2, revision: 1, droneIds: ["drone-1"], detail: "near", ttlMs: 5000 };
const SEEDS = [
  encode({ case: "hello", value: { serverTimeUs: 1n, sessionKnown: true, safetyCredit: 8, bulkCredit: 16 } }),
  encode({ case: "hello", value: { serverTimeUs: 1n, sessionKnown: false, safetyCredit: 1, bulkCredit: 0 } }),
  ...[1, 2, 3, 4, 5].map((verdict) =>
    encode({ case: "ack", value: { batchId: BATCH_ID, verdict, unknownSlots: [1, 2] } })
  ),
  encode({ case: "credit", value: { safety: 4, bulk: 0 } }),
  encode({ case: "openAlerts", value: { complete: true, openedDroneIds: ["drone-1"], closedDroneIds: ["drone-2"] } }),
  encode({ case: "lossAck", value: { reportId: 1n } }),
  encode({ case: "alerts", value: { alerts: [{ alert, droneId: "drone-1" }] } }),
  encode({ case: "clockProbe", value: { aggregatorTimeUs: 5n } }),
  encode({ case: "resend", value: {} }),
];

async function open(): Promise<Session> {
  const edge = await StillEdge.start({}, { answer: () => null });
  const drones = ["drone-1", "drone-2"].map((id) => ({ id, socket: edge.drone() }));
  let seq = 0;
  return {
    run: async (input) => {
      const uplink = edge.uplinks.at(-1)!;
      for (const { id, socket } of drones) socket.receive(batteryFrame(id, [++seq]));
      // What follows is about a batch that is in flight, if any is.
      const inFlight = edge.batches.at(-1)?.batchId;
      uplink.receive(inFlight ? replaced(input, inFlight) : input);
      await edge.pass(STEP_MS);
      edge.messages.splice(0, edge.messages.length - 1);
      const told = new Set(drones.flatMap(({ socket }) => socket.sent.map((bytes) => caseOf(bytes))));
      for (const { socket } of drones) socket.sent.length = 0;
      if (drones.some(({ socket }) => socket.closed)) throw new Broken("A drone's connection was closed");
      const failed = edge.log.find((line) => line.startsWith("Cannot go on"));
      if (failed) throw new Broken(failed);
      const uplinkNow = edge.uplinks.at(-1)!;
      edge.log.length = 0;
      if (!uplink.closed) return `taken: ${[...told].sort()}`;
      const { code, reason } = uplink.closed;
      if (code === CloseCode.edgeFailed) throw new Broken(`closed with ${code}: ${reason}`);
      if (uplinkNow === uplink) await edge.pass(RECONNECT_MS);
      edge.uplinks.splice(0, edge.uplinks.length - 1);
      return `${code} ${said(reason)}`;
    },
  };
}

function caseOf(bytes: Uint8Array): string {
  return fromBinary(DroneDownlinkSchema, bytes).body.case ?? "nothing";
}

function replaced(input: Uint8Array, batchId: Uint8Array): Uint8Array {
  const bytes = input.slice();
  for (let at = 0; at + BATCH_ID.length <= bytes.length; at++) {
    if (BATCH_ID.every((byte, i) => bytes[at + i] === byte)) bytes.set(batchId, at);
  }
  return bytes;
}

export const EDGE_DOWNLINKS: Target = {
  ...{ name: "edge-downlinks", format: "protobuf", bytesMax: 1 << 16, sessionExecutions: 5000 },
  seeds: () => SEEDS,
  open,
};
