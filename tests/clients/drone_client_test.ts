import { assert, assertEquals, assertLess } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { DEFAULT_CLIENT_SETTINGS } from "../../clients/typescript/src/drone_client.ts";
import { ClientRig, records, span } from "./client_rig.ts";

let rig: ClientRig;

describe("DroneClient", () => {
  beforeEach(() => void (rig = new ClientRig()));
  afterEach(() => rig[Symbol.dispose]());

  it("sends what was given before the connection stood, in order", () => {
    const drone = rig.client();
    drone.open();
    drone.send(records(0));
    drone.send(records(1, 2));
    rig.socket.accept();
    assertEquals(rig.socket.seqs, [[0, 1, 2]]);
  });

  it("sends each call as one frame while connected", () => {
    const { drone, socket } = rig.connected();
    drone.send(records(0));
    drone.send(records(1, 2));
    assertEquals(socket.seqs, [[0], [1, 2]]);
  });

  it("forgets exactly the acknowledged ranges of its own boot", () => {
    const { drone, socket } = rig.connected();
    drone.send(records(0, 1, 2, 3, 4, 5));
    socket.ack(1, { firstSeq: 0, lastSeq: 1 }, { firstSeq: 4, lastSeq: 4 });
    assertEquals(drone.unacknowledged, 3);
    socket.ack(2, { firstSeq: 0, lastSeq: 9 });
    assertEquals(drone.unacknowledged, 3);
    assertEquals(drone.counters.acknowledgedRecords, 3);
    socket.ack(1, { firstSeq: 0, lastSeq: 4_294_967_295 });
    assertEquals(drone.unacknowledged, 0);
  });

  it("does not believe an acknowledgement of what it never sent", () => {
    const { drone, socket } = rig.connected();
    drone.send(records(0));
    socket.close();
    drone.send(records(1));
    rig.time.tick(1000);
    rig.socket.readyState = WebSocket.OPEN;
    rig.socket.ack(1, { firstSeq: 0, lastSeq: 9 });
    assertEquals(drone.unacknowledgedSeqs, [1]);
  });

  it("sends everything unacknowledged again after a disconnect", () => {
    const { drone, socket } = rig.connected();
    drone.send(records(0, 1));
    drone.send(records(2));
    socket.ack(1, { firstSeq: 1, lastSeq: 1 });
    socket.close();
    drone.send(records(3));
    rig.time.tick(1000);
    rig.socket.accept();
    assertEquals(rig.socket.seqs, [[0, 2, 3]]);
    assertEquals(drone.counters.reconnects, 1);
  });

  it("gives up a connection that does not open, and one that owes an answer for too long", () => {
    const drone = rig.client();
    drone.open();
    rig.time.tick(DEFAULT_CLIENT_SETTINGS.silentMsMax + 1000);
    assertEquals(rig.sockets.length, 2);
    rig.socket.accept();
    rig.time.tick(60_000);
    assertEquals(rig.sockets.length, 2);
    drone.send(records(0, 1));
    rig.time.tick(DEFAULT_CLIENT_SETTINGS.silentMsMax - 1);
    rig.socket.ack(1, { firstSeq: 1, lastSeq: 1 });
    rig.time.tick(DEFAULT_CLIENT_SETTINGS.silentMsMax - 1);
    assertEquals(rig.sockets.length, 2);
    rig.time.tick(2000);
    assertEquals(rig.sockets.length, 3);
    rig.socket.accept();
    assertEquals(rig.socket.seqs, [[0]]);
  });

  it("keeps what is in flight, and the connection, as long as the edge says anything but warnings", () => {
    const { drone, socket } = rig.connected();
    drone.send(records(0));
    const answers = [
      () => socket.heartbeat(2 ** 31),
      () => socket.answer({ case: "hello", value: {} }),
      () => socket.answer({ case: "ack", value: { bootId: 99 } }),
      () => socket.answer({ case: undefined }),
    ];
    for (let i = 0; i < 20; i++) {
      rig.time.tick(DEFAULT_CLIENT_SETTINGS.silentMsMax - 1);
      answers[i % answers.length]!();
    }
    assertEquals(socket.seqs.filter((seqs) => seqs.length > 0), [[0]]);
    assertEquals([rig.sockets.length, drone.counters.reconnects, drone.unacknowledged], [1, 0, 1]);
    for (let i = 0; i < 4; i++) {
      rig.time.tick(DEFAULT_CLIENT_SETTINGS.silentMsMax / 4 + 250);
      socket.alert({ alertId: 7n });
    }
    assertEquals(rig.sockets.length, 2);
  });

  it("lives on when its connection is refused, again and again", () => {
    const drone = rig.client({ random: 0 });
    drone.open();
    drone.send(records(0));
    for (let i = 0; i < 5; i++) {
      rig.socket.fail();
      rig.time.tick(1);
    }
    rig.socket.accept();
    assertEquals(rig.socket.seqs, [[0]]);
    rig.socket.fail();
    assert(!drone.connected);
    rig.time.tick(1);
    assertEquals(rig.sockets.length, 7);
  });

  for (const [what, data] of [["text", "hello"], ["bytes that are no message", new Uint8Array([255, 1, 2]).buffer]]) {
    it(`connects anew to whoever answers with ${what}`, () => {
      const { drone, socket } = rig.connected();
      drone.send(records(0));
      socket.onmessage?.({ data });
      assertEquals([socket.readyState, drone.connected], [WebSocket.CLOSED, false]);
      rig.time.tick(500);
      rig.socket.accept();
      assertEquals(rig.socket.seqs, [[0]]);
    });
  }

  it("sends what is new when it keeps as much as it may, and says that it gives up the oldest for it", () => {
    const { drone, socket } = rig.connected({ recordsMax: 3 });
    drone.send(records(0, 1));
    assertEquals(drone.send(records(2, 3)), "accepted");
    assertEquals([socket.seqs, drone.unacknowledged], [[[0, 1], [2, 3]], 3]);
    assertEquals([rig.lost, drone.counters.lost["crowded-out"]], [[[[0], "crowded-out"]], 1]);
    socket.ack(1, { firstSeq: 0, lastSeq: 1 });
    assertEquals([drone.counters.acknowledgedRecords, drone.unacknowledged], [1, 2]);
  });

  it("holds back while the socket has too much to send, the backlog sooner", () => {
    const { drone, socket } = rig.connected();
    socket.bufferedAmount = 2 << 20;
    drone.send(records(...span(0, 70)));
    rig.time.tick(400);
    assertEquals([socket.seqs, rig.timers < 12], [[], true]);
    socket.bufferedAmount = 1 << 16;
    rig.time.tick(100);
    assertEquals(socket.seqs, [span(6, 64)]);
    rig.time.tick(1000);
    assertEquals(socket.seqs.length, 1);
    socket.bufferedAmount = 0;
    rig.time.tick(100);
    assertEquals(socket.seqs.at(-1), span(0, 6));
  });

  it("doubles the back-off with each failure, up to a limit, and starts anew only after a stable connection", () => {
    const drone = rig.client({ random: 0.999_999 });
    drone.open();
    const waits: number[] = [];
    const fail = () => {
      const before = rig.sockets.length;
      rig.socket.close();
      let waitedMs = 0;
      for (; rig.sockets.length === before; waitedMs += 50) rig.time.tick(50);
      waits.push(waitedMs);
    };
    for (let i = 0; i < 8; i++) fail();
    assertEquals(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    rig.socket.accept();
    rig.time.tick(9999);
    fail();
    assertEquals(waits.at(-1), 30_000);
    rig.socket.accept();
    fail();
    assertEquals(waits.at(-1), 30_000);
    rig.socket.accept();
    rig.time.tick(10_000);
    fail();
    assertEquals(waits.at(-1), 500);
  });

  it("comes back at a random moment of the back-off", () => {
    for (const random of [0.1, 0.9]) {
      const drone = rig.client({ random });
      drone.open();
      const before = rig.sockets.length;
      rig.socket.close();
      rig.time.tick(random * 500 - 1);
      assertEquals(rig.sockets.length, before);
      rig.time.tick(1);
      assertLess(before, rig.sockets.length);
    }
  });

  it("does not come back after close", async () => {
    const { drone, socket } = rig.connected();
    drone.send(records(0));
    await drone.close();
    socket.heartbeat(0);
    assertEquals(socket.readyState, WebSocket.CLOSED);
    rig.time.tick(100_000);
    assertEquals(rig.sockets.length, 1);
  });

  it("takes no notice of a socket that opens after it was given up", () => {
    const { drone, socket } = rig.connected();
    drone.drop();
    rig.time.tick(400);
    const late = rig.socket;
    drone.drop();
    rig.time.tick(1000);
    late.readyState = WebSocket.OPEN;
    late.onopen?.();
    assertEquals([late === socket, drone.connected, drone.counters.reconnects], [false, false, 0]);
    // It has not answered for the new one.
    rig.time.tick(DEFAULT_CLIENT_SETTINGS.silentMsMax + 1500);
    assertEquals(rig.sockets.length, 4);
  });

  it("comes back after drop, and ignores what the old socket still says", () => {
    const { drone, socket } = rig.connected();
    drone.send(records(0));
    drone.drop();
    socket.ack(1, { firstSeq: 0, lastSeq: 0 });
    assertEquals(drone.unacknowledged, 1);
    rig.time.tick(500);
    assertEquals(rig.sockets.length, 2);
    assert(!drone.connected);
  });
});
