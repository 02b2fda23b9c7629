import { assert, assertEquals, assertLess } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { FakeTime } from "@std/testing/time";
import { create, fromBinary } from "@bufbuild/protobuf";
import { AlertState } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import { DroneDownlinkSchema, RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { type Telemetry, TelemetryFrameSchema, TelemetrySchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { DEFAULT_CLIENT_SETTINGS, DroneClient } from "../../sim/drone_client.ts";
import { FakeSocket } from "./fake_socket.ts";

let time: FakeTime;
let sockets: FakeSocket[];
let alerts: bigint[];
let givenUp: number[];
let onAlert: () => void;

function client({ recordsMax = 1000, random = 0.5 } = {}): DroneClient {
  const identity = { droneId: "d", bootId: 1 };
  return new DroneClient({ ...DEFAULT_CLIENT_SETTINGS, identity, recordsMax }, {
    connect: () => {
      const fake = new FakeSocket();
      sockets.push(fake);
      return fake.socket;
    },
    random: () => random,
    now: () => Date.now(),
    after: (ms, fn) => {
      const timer = setTimeout(fn, ms);
      return () => clearTimeout(timer);
    },
    onAlert: ({ alertId }) => {
      onAlert();
      alerts.push(alertId);
    },
    onShed: (seqs) => givenUp.push(...seqs),
  });
}

const records = (...seqs: number[]): Telemetry[] =>
  seqs.map((seq) => create(TelemetrySchema, { seq, body: { case: "battery", value: { id: 0 } } }));

function connected(settings = {}): { drone: DroneClient; socket: FakeSocket } {
  const drone = client(settings);
  drone.open();
  const socket = sockets[0]!;
  socket.accept();
  return { drone, socket };
}

describe("DroneClient", () => {
  beforeEach(() => {
    time = new FakeTime(1_760_000_000_000);
    sockets = [];
    alerts = [];
    givenUp = [];
    onAlert = () => {};
  });
  afterEach(() => time.restore());

  it("sends what was given before the connection stood, in order", () => {
    const drone = client();
    drone.open();
    drone.send(records(0));
    drone.send(records(1, 2));
    sockets[0]!.accept();
    assertEquals(sockets[0]!.seqs, [[0, 1, 2]]);
  });

  it("sends each call as one frame while connected", () => {
    const { drone, socket } = connected();
    drone.send(records(0));
    drone.send(records(1, 2));
    assertEquals(socket.seqs, [[0], [1, 2]]);
  });

  it("forgets exactly the acknowledged ranges of its own boot", () => {
    const { drone, socket } = connected();
    drone.send(records(0, 1, 2, 3, 4, 5));
    socket.ack(1, { firstSeq: 0, lastSeq: 1 }, { firstSeq: 4, lastSeq: 4 });
    assertEquals(drone.unacknowledged, 3);
    socket.ack(2, { firstSeq: 0, lastSeq: 9 });
    assertEquals(drone.unacknowledged, 3);
    assertEquals(drone.counters.acknowledgedRecords, 3);
    socket.ack(1, { firstSeq: 0, lastSeq: 4_294_967_295 });
    assertEquals(drone.unacknowledged, 0);
  });

  it("sends everything unacknowledged again after a disconnect", () => {
    const { drone, socket } = connected();
    drone.send(records(0, 1));
    drone.send(records(2));
    socket.ack(1, { firstSeq: 1, lastSeq: 1 });
    socket.close();
    drone.send(records(3));
    time.tick(1000);
    sockets[1]!.accept();
    assertEquals(sockets[1]!.seqs, [[0, 2, 3]]);
    assertEquals(drone.counters.reconnects, 1);
  });

  it("gives up a connection that does not open, and one that owes an answer for too long", () => {
    const drone = client();
    drone.open();
    time.tick(DEFAULT_CLIENT_SETTINGS.silentMsMax + 1000);
    assertEquals(sockets.length, 2);
    sockets[1]!.accept();
    time.tick(60_000);
    assertEquals(sockets.length, 2);
    drone.send(records(0, 1));
    time.tick(DEFAULT_CLIENT_SETTINGS.silentMsMax - 1);
    sockets[1]!.ack(1, { firstSeq: 1, lastSeq: 1 });
    time.tick(DEFAULT_CLIENT_SETTINGS.silentMsMax - 1);
    assertEquals(sockets.length, 2);
    time.tick(2000);
    assertEquals(sockets.length, 3);
    sockets[2]!.accept();
    assertEquals(sockets[2]!.seqs, [[0]]);
  });

  it("forgets exactly what an overloaded edge gave up, without waiting", () => {
    const { drone, socket } = connected();
    drone.send(records(0, 1, 2, 3, 4));
    const shed = [{ firstSeq: 1, lastSeq: 1 }, { firstSeq: 3, lastSeq: 4 }];
    const value = { bootId: 1, refused: { firstSeq: 1, lastSeq: 4 }, reason: RefusalReason.SHED, shed };
    socket.say(create(DroneDownlinkSchema, { body: { case: "throttle", value } }).body);
    assertEquals([drone.unacknowledgedSeqs.sort(), drone.counters.shedRecords], [[0, 2], 3]);
    assertEquals(givenUp, [1, 3, 4]);
    socket.say(create(DroneDownlinkSchema, { body: { case: "throttle", value } }).body);
    assertEquals(givenUp, [1, 3, 4], "a repeated notice");
    drone.send(records(5));
    assertEquals(socket.seqs.at(-1), [5]);
  });

  it("sends a backlog in frames of at most 64 records", () => {
    const drone = client();
    drone.open();
    drone.send(records(...Array.from({ length: 150 }, (_, i) => i)));
    sockets[0]!.accept();
    assertEquals(sockets[0]!.seqs.map(({ length }) => length), [64, 64, 22]);
  });

  it("waits as long as a Throttle says, then sends the refused records and what came meanwhile", () => {
    const { drone, socket } = connected();
    drone.send(records(0));
    drone.send(records(1));
    drone.send(records(2));
    socket.throttle(250, { firstSeq: 1, lastSeq: 2 });
    drone.send(records(3));
    time.tick(249);
    assertEquals(socket.seqs, [[0], [1], [2]]);
    socket.ack(1, { firstSeq: 0, lastSeq: 0 });
    time.tick(1);
    assertEquals(socket.seqs, [[0], [1], [2], [1, 2, 3]]);
    assertEquals(drone.unacknowledged, 3);
  });

  it("works off a refused backlog one frame at a time, each after the acknowledgement of the one before", () => {
    const { drone, socket } = connected();
    drone.send(records(...Array.from({ length: 150 }, (_, i) => i)));
    assertEquals(socket.sent.length, 3);
    socket.throttle(100, { firstSeq: 0, lastSeq: 149 });
    time.tick(100);
    assertEquals(socket.sent.length, 4);
    time.tick(1000);
    assertEquals(socket.sent.length, 4);
    socket.ack(1, { firstSeq: 0, lastSeq: 63 });
    assertEquals(socket.sent.length, 5);
    socket.ack(1, { firstSeq: 64, lastSeq: 127 });
    assertEquals(socket.seqs.map(({ length }) => length), [64, 64, 22, 64, 64, 22]);
    drone.send(records(150));
    assertEquals(socket.seqs.at(-1), [150]);
  });

  it("answers full, and takes nothing, when too many records are unacknowledged", () => {
    const { drone, socket } = connected({ recordsMax: 3 });
    assertEquals(drone.send(records(0, 1)), "accepted");
    assertEquals(drone.send(records(2, 3)), "full");
    assertEquals(drone.unacknowledged, 2);
    socket.ack(1, { firstSeq: 0, lastSeq: 0 });
    assertEquals(drone.send(records(2, 3)), "accepted");
  });

  it("holds back while the socket has too much to send", () => {
    const { drone, socket } = connected();
    socket.bufferedAmount = 2 << 20;
    drone.send(records(0));
    assertEquals(socket.seqs, []);
    socket.bufferedAmount = 0;
    time.tick(100);
    assertEquals(socket.seqs, [[0]]);
  });

  it("doubles the back-off with each failure, up to a limit, and starts anew only after a stable connection", () => {
    const drone = client({ random: 0.999_999 });
    drone.open();
    const waits: number[] = [];
    const fail = () => {
      const before = sockets.length;
      sockets.at(-1)!.close();
      let waitedMs = 0;
      for (; sockets.length === before; waitedMs += 50) time.tick(50);
      waits.push(waitedMs);
    };
    for (let i = 0; i < 8; i++) fail();
    assertEquals(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    sockets.at(-1)!.accept();
    time.tick(9999);
    fail();
    assertEquals(waits.at(-1), 30_000);
    sockets.at(-1)!.accept();
    time.tick(10_000);
    fail();
    assertEquals(waits.at(-1), 500);
  });

  it("comes back at a random moment of the back-off", () => {
    for (const random of [0.1, 0.9]) {
      const drone = client({ random });
      drone.open();
      const before = sockets.length;
      sockets.at(-1)!.close();
      time.tick(random * 500 - 1);
      assertEquals(sockets.length, before);
      time.tick(1);
      assertLess(before, sockets.length);
    }
  });

  it("acknowledges an alert with its revision and the time, before it hands it on", () => {
    const { socket } = connected();
    onAlert = () => assertEquals(socket.sent.length, 1);
    socket.alert({ alertId: 7n, revision: 3 });
    assertEquals(socket.alertAcks, [{ alertId: 7n, receivedTimeUs: 1_760_000_000_000_000n, revision: 3 }]);
    assertEquals(fromBinary(TelemetryFrameSchema, socket.sent[0]!).droneId, "d");
    assertEquals(alerts, [7n]);
  });

  it("acknowledges an alert each time it is repeated, and hands it on once", () => {
    const { socket } = connected();
    for (const revision of [1, 1, 2, 1, 2]) socket.alert({ alertId: 7n, revision });
    assertEquals(socket.alertAcks.map(({ revision }) => revision), [1, 1, 2, 1, 2]);
    assertEquals(alerts, [7n, 7n]);
  });

  it("acknowledges an open condition raised again under another id, and does not hand it on", () => {
    const { socket } = connected();
    for (const alertId of [7n, 9n]) socket.alert({ alertId, revision: 1, state: AlertState.RAISED });
    assertEquals(socket.alertAcks.map(({ alertId }) => alertId), [7n, 9n]);
    assertEquals(alerts, [7n]);
  });

  it("acknowledges an alert that is past its ttl", () => {
    const { socket } = connected();
    socket.alert({ alertId: 7n, revision: 1, changedTimeUs: 1_759_999_000_000_000n, ttlMs: 1000 });
    assertEquals(socket.alertAcks.map(({ alertId }) => alertId), [7n]);
  });

  it("remembers over a reconnect which alerts it handed on", () => {
    const { socket } = connected();
    socket.alert({ alertId: 7n, revision: 1 });
    socket.close();
    time.tick(1000);
    sockets[1]!.accept();
    sockets[1]!.alert({ alertId: 7n, revision: 1 });
    assertEquals(sockets[1]!.alertAcks.length, 1);
    assertEquals(alerts, [7n]);
  });

  it("does not come back after close", async () => {
    const { drone, socket } = connected();
    await drone.close();
    assertEquals(socket.readyState, WebSocket.CLOSED);
    time.tick(100_000);
    assertEquals(sockets.length, 1);
  });

  it("comes back after drop, and ignores what the old socket still says", () => {
    const { drone, socket } = connected();
    drone.send(records(0));
    drone.drop();
    socket.ack(1, { firstSeq: 0, lastSeq: 0 });
    assertEquals(drone.unacknowledged, 1);
    time.tick(500);
    assertEquals(sockets.length, 2);
    assert(!drone.connected);
  });
});
