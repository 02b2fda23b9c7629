// What an edge sends to the aggregator: each message on a connection that has said hello, into the real intake, journal and
// pipeline. A connection may be closed for it, for any reason but that we failed.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BatchVerdict, EdgeDownlinkSchema, EdgeUplinkSchema } from "../../../proto/gen/slipstream/v1/uplink_pb.ts";
import { CloseCode } from "../../../proto/words.ts";
import type { Random } from "../../../sim/random.ts";
import { StillSocket } from "../../edge/still_rig.ts";
import { AggregatorNode } from "../../simulation/aggregator_node.ts";
import { World } from "../../simulation/world.ts";
import { Broken, said, type Session, type Target } from "../target.ts";
import { COLUMNS } from "./columns.ts";

type Body = NonNullable<NonNullable<Parameters<typeof create<typeof EdgeUplinkSchema>>[1]>["body"]>;

const HELLO = encode({ case: "hello", value: { edgeId: "edge-1", session: 5n, region: "local", version: "1" } });
const START_MS = 5000;
const STEP_MS = 20;

function encode(body: Body): Uint8Array<ArrayBuffer> {
  return toBinary(EdgeUplinkSchema, create(EdgeUplinkSchema, { body }));
}

function seeds(random: Random): Uint8Array[] {
  const slots = Array.from({ length: 16 }, (_, i) => ({ slot: i + 1, droneId: `drone-${i >> 1}`, bootId: i % 2 }));
  const batches = COLUMNS.seeds(random).map((raw, i) => {
    const batchId = Uint8Array.from({ length: 16 }, () => random.whole(0, 255));
    const value = { batchId, codec: 1, rawBytes: raw.length, body: raw, records: 1, lane: 1 + i % 2, slots };
    return encode({ case: "batch", value: { ...value, sealedTimeUs: 1_790_000_005_000_000n } });
  });
  const loss = { droneId: "d", bootId: 1, firstSeq: 1, lastSeq: 4, records: 4, reason: 1, lane: 1, timeUs: 5n };
  return [
    HELLO,
    ...batches,
    encode({ case: "losses", value: { reportId: 3n, losses: [loss, loss] } }),
    encode({ case: "status", value: { receivedRecords: 7n, connections: 2n, lagMs: 4, backlogMs: 900, level: 1 } }),
    encode({ case: "alertReceipts", value: { receipts: [{ alertId: 1n, revision: 1, droneId: "d" }] } }),
    encode({ case: "clockProbe", value: { aggregatorTimeUs: 5n, edgeTimeUs: 9n } }),
  ];
}

function answerOf(bytes: Uint8Array): string {
  const { body } = fromBinary(EdgeDownlinkSchema, bytes);
  return body.case === "ack" ? `ack ${BatchVerdict[body.value.verdict]}` : body.case ?? "nothing";
}

async function open(): Promise<Session> {
  const world = new World(1);
  const node = new AggregatorNode(world, {});
  await node.start();
  await world.run(START_MS);
  const connect = () => {
    const socket = new StillSocket();
    if (!node.listen(socket.socket)) throw new Broken("The aggregator takes no connection");
    socket.open();
    return socket;
  };
  const greeted = () => {
    const socket = connect();
    socket.receive(HELLO);
    return socket;
  };
  let [socket, messages] = [greeted(), 0];
  return {
    run: async (input) => {
      // Some come first on their connection: as a hello must.
      const own = ++messages % 8 === 0 ? connect() : socket;
      own.sent.length = 0;
      own.receive(input);
      await world.run(world.nowMs + STEP_MS);
      node.store.crash();
      if (own !== socket && !own.closed) own.close(CloseCode.normal);
      if (socket.closed) socket = greeted();
      if (!own.closed) return `taken: ${[...new Set(own.sent.map((bytes) => answerOf(bytes)))].sort()}`;
      const { code, reason } = own.closed;
      if (code === CloseCode.internalError) throw new Broken(`closed with ${code}: ${reason}`);
      return `${code} ${said(reason)}`;
    },
  };
}

export const UPLINKS: Target = {
  ...{ name: "uplinks", format: "protobuf", bytesMax: 1 << 20, sessionExecutions: 2000 },
  seeds,
  open,
};
