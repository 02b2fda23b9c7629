// What an edge, or who poses as one, sends to a drone that has records on the wire: the client keeps running, and gives
// nothing up that it was not told to.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { DroneDownlinkSchema } from "../../../proto/gen/slipstream/v1/downlink_pb.ts";
import { TelemetrySchema } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { readDownlink } from "../../../clients/typescript/src/downlink.ts";
import { DEFAULT_CLIENT_SETTINGS, DroneClient } from "../../../clients/typescript/src/drone_client.ts";
import { FakeSocket } from "../../clients/fake_socket.ts";
import { World } from "../../simulation/world.ts";
import { Broken, few, type Session, type Target } from "../target.ts";

type Body = NonNullable<NonNullable<Parameters<typeof create<typeof DroneDownlinkSchema>>[1]>["body"]>;

const STEP_MS = 50;

function encode(body: Body): Uint8Array<ArrayBuffer> {
  return toBinary(DroneDownlinkSchema, create(DroneDownlinkSchema, { droneId: "d", body }));
}

const range = { firstSeq: 1, lastSeq: 40 };
const SEEDS = [
  encode({
    case: "hello",
    value: { serverTimeUs: 5n, session: 1n, edgeId: "e", frameBytesMax: 65_536, frameRecordsMax: 256 },
  }),
  encode({ case: "ack", value: { bootId: 1, ranges: [range, { firstSeq: 60, lastSeq: 90 }] } }),
  ...[1, 3, 4, 5, 8].map((reason) =>
    encode({ case: "throttle", value: { retryAfterMs: 100, bootId: 1, refused: range, reason, shed: [range] } })
  ),
  encode({ case: "alert", value: { alertId: 7n, kind: 1, revision: 2, ttlMs: 5000, droneIds: ["d"], detail: "near" } }),
  encode({ case: "heartbeat", value: { serverTimeUs: 5n, waitingMs: 9 } }),
  encode({ case: "frameFault", value: { reason: "it is damaged", frames: 2 } }),
];

function open(): Session {
  const world = new World(1);
  const sockets: FakeSocket[] = [];
  const drone = new DroneClient(
    { ...DEFAULT_CLIENT_SETTINGS, identity: { droneId: "d", bootId: 1 }, recordsMax: 200 },
    {
      connect: () => {
        const socket = new FakeSocket();
        sockets.push(socket);
        world.after(1, () => socket.accept());
        return socket.socket;
      },
      random: world.random,
      now: () => 1_790_000_000_000 + world.nowMs,
      clock: () => world.nowMs,
      after: (ms, fn) => world.after(ms, fn),
      onAlert: () => {},
      onLost: () => {},
      onFault: () => {},
    },
  );
  drone.open();
  let [seq, taken] = [0, 0];
  return {
    run: async (input) => {
      const record = create(TelemetrySchema, { seq: ++seq, body: { case: "battery", value: { id: 1 } } });
      // An edge may say that its frames are shorter than this.
      if (drone.send([record]) === "accepted") taken++;
      const socket = sockets.at(-1)!;
      socket.onmessage?.({ data: input.slice().buffer });
      await world.run(world.nowMs + STEP_MS);
      sockets.splice(0, sockets.length - 1);
      socket.sent.length = 0;
      const { unacknowledged, counters } = drone;
      const lost = Object.values(counters.lost).reduce((sum, n) => sum + n, 0);
      if (unacknowledged > 200) throw new Broken(`${unacknowledged} records kept`);
      if (taken !== unacknowledged + counters.acknowledgedRecords + lost) {
        throw new Broken(`${taken} records taken, ${unacknowledged} + ${counters.acknowledgedRecords} + ${lost} told`);
      }
      const body = readDownlink(input);
      if (!body) return "unreadable";
      if (body.case !== "ack") return `${body.case}`;
      return `ack ${few(fromBinary(DroneDownlinkSchema, input).droneId === "d" ? body.value.ranges.length : 0)}`;
    },
  };
}

export const DRONE_DOWNLINKS: Target = {
  ...{ name: "drone-downlinks", format: "protobuf", bytesMax: 1 << 16, sessionExecutions: 20_000 },
  seeds: () => SEEDS,
  open,
};
