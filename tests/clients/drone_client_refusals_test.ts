import { assertEquals, assertLess } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { ClientRig, records, scan, span } from "./client_rig.ts";

let rig: ClientRig;

describe("a DroneClient with a backlog", () => {
  beforeEach(() => void (rig = new ClientRig()));
  afterEach(() => rig[Symbol.dispose]());

  it("sends what was measured last first, and the backlog behind it in frames of at most 64 records", () => {
    const drone = rig.client();
    drone.open();
    drone.send(records(...span(0, 150)));
    rig.socket.accept();
    assertEquals(rig.socket.seqs, [span(86, 64)]);
    rig.time.tick(1000);
    assertEquals(rig.socket.seqs, [span(86, 64), span(0, 64), span(64, 22)]);
  });

  it("never lets a new record wait behind it", () => {
    const { drone, socket } = rig.connected();
    drone.send(records(...span(0, 4000)));
    for (let seq = 4000; seq < 4060; seq++) {
      rig.time.tick(28);
      drone.send(records(seq));
      assertEquals(socket.seqs.at(-1), [seq]);
    }
  });

  it("sends it in frames that are 50 ms apart or more", () => {
    const { drone, socket } = rig.connected();
    drone.send(records(...span(0, 4000)));
    for (let seconds = 1; seconds <= 3; seconds++) {
      const before = socket.sent.length;
      rig.time.tick(1000);
      assertLess(socket.sent.length - before, 22);
    }
    rig.time.tick(1000);
    assertEquals(socket.seqs.flat().length, 4000);
  });
});

describe("a DroneClient that is refused", () => {
  beforeEach(() => void (rig = new ClientRig()));
  afterEach(() => rig[Symbol.dispose]());

  it("waits as long as a Throttle says with what was refused, and not with what is new", () => {
    const { drone, socket } = rig.connected();
    drone.send(records(0));
    drone.send(records(1));
    drone.send(records(2));
    socket.throttle(750, { firstSeq: 1, lastSeq: 2 });
    drone.send(records(3));
    assertEquals(socket.seqs, [[0], [1], [2], [3]]);
    rig.time.tick(749);
    socket.ack(1, { firstSeq: 0, lastSeq: 0 });
    assertEquals(socket.seqs.length, 4);
    rig.time.tick(1);
    assertEquals(socket.seqs.at(-1), [1, 2]);
    assertEquals(drone.unacknowledged, 3);
  });

  it("works off a refused backlog by time, not by acknowledgement", () => {
    const { drone, socket } = rig.connected();
    for (let seq = 0; seq < 150; seq++) drone.send(records(seq));
    socket.throttle(100, { firstSeq: 0, lastSeq: 149 });
    rig.time.tick(3000);
    assertEquals(socket.seqs.slice(150), [span(0, 64), span(64, 64), span(128, 22)]);
  });

  it("goes slower the more is refused, never slower than a frame in 5 s, and faster again when nothing is", () => {
    const { drone, socket } = rig.connected({ recordsMax: 100_000 });
    drone.send(records(...span(0, 50_000)));
    const frames = (seconds: number, isRefused: boolean) => {
      const before = socket.sent.length;
      for (let answered = before, ms = 0; ms < seconds * 1000; ms += 50) {
        rig.time.tick(50);
        socket.heartbeat(2 ** 31);
        for (; answered < socket.sent.length; answered++) {
          const seqs = socket.seqs[answered]!;
          if (isRefused) socket.throttle(10, { firstSeq: seqs[0]!, lastSeq: seqs.at(-1)! });
        }
      }
      return socket.sent.length - before;
    };
    frames(20, true);
    assertEquals(frames(30, true), 6);
    frames(20, false);
    assertEquals(frames(2, false), 40);
  });

  it("waits no longer on another connection", () => {
    const { drone, socket } = rig.connected();
    drone.send(records(...span(0, 100)));
    socket.throttle(60_000, { firstSeq: 0, lastSeq: 99 });
    socket.close();
    rig.time.tick(500);
    rig.socket.accept();
    rig.time.tick(0);
    assertEquals(rig.socket.seqs, [span(36, 64), span(0, 36)]);
  });

  it("does not believe that it has to wait for weeks", () => {
    const { drone, socket } = rig.connected();
    drone.send(records(0));
    socket.throttle(2 ** 32 - 1, { firstSeq: 0, lastSeq: 0 });
    for (let i = 0; i < 13; i++) {
      rig.time.tick(5000);
      socket.heartbeat(2 ** 31);
    }
    assertEquals(socket.seqs, [[0], [0]]);
  });

  it("splits a frame that is too large at once, and sends no larger one on this connection", () => {
    const { drone, socket } = rig.connected();
    drone.send(records(...span(0, 60)));
    const tooLarge = (frameRecordsMax: number) =>
      socket.answer({
        case: "throttle",
        value: {
          bootId: 1,
          refused: { firstSeq: 0, lastSeq: 59 },
          reason: RefusalReason.FRAME_TOO_LARGE,
          frameRecordsMax,
          retryAfterMs: 60_000,
        },
      });
    tooLarge(25);
    rig.time.tick(1000);
    assertEquals(socket.seqs, [span(0, 60), span(0, 25), span(25, 25), span(50, 10)]);
    drone.send(records(...span(60, 60)));
    assertEquals(socket.seqs.at(-1), span(95, 25));
  });

  it("halves a frame that is too large for an edge that does not say how large it may be, and ends with one record", () => {
    const { drone, socket } = rig.connected();
    drone.send(records(...span(0, 60)));
    const sizes: number[] = [];
    for (let i = 0; i < 30; i++) {
      const value = { bootId: 1, refused: { firstSeq: 0, lastSeq: 59 }, reason: RefusalReason.FRAME_TOO_LARGE };
      socket.answer({ case: "throttle", value });
      rig.time.tick(50);
      sizes.push(socket.seqs.at(-1)!.length);
    }
    assertEquals(sizes.slice(0, 6), [32, 16, 8, 4, 2, 1]);
    // Nothing is smaller: the client goes slower, as after any refusal.
    assertLess(socket.sent.length, 15);
  });

  const finals = { SHED: "shed", EXPIRED: "expired", REJECTED: "rejected", INVALID: "invalid" } as const;
  for (const [name, reason] of Object.entries(finals)) {
    it(`forgets exactly what is lost (${reason}), and says so, without waiting`, () => {
      const { drone, socket } = rig.connected();
      drone.send(records(...span(0, 5)));
      const shed = [{ firstSeq: 1, lastSeq: 1 }, { firstSeq: 3, lastSeq: 4 }];
      const refused = { firstSeq: 1, lastSeq: 4 };
      const value = { bootId: 1, refused, reason: RefusalReason[name as keyof typeof finals], shed };
      socket.answer({ case: "throttle", value });
      assertEquals([drone.unacknowledgedSeqs.sort(), drone.counters.lost[reason]], [[0, 2], 3]);
      assertEquals(rig.lost, [[[1, 3, 4], reason]]);
      socket.answer({ case: "throttle", value });
      assertEquals(rig.lost.length, 1, "a repeated notice");
      drone.send(records(5));
      assertEquals(socket.seqs.at(-1), [5]);
      assertEquals(drone.counters.acknowledgedRecords, 0);
    });
  }
});

describe("a DroneClient with long scans", () => {
  beforeEach(() => void (rig = new ClientRig()));
  afterEach(() => rig[Symbol.dispose]());

  it("sends no frame above 64 KiB, and all of them in the end: 64 scans of 72 hits are longer", () => {
    const { drone, socket } = rig.connected();
    drone.send(span(0, 64).map((seq) => scan(seq, 72)));
    rig.time.tick(1000);
    assertEquals(socket.seqs.flat().sort((a, b) => a - b), span(0, 64));
    for (const { length } of socket.sent) assertLess(length, 65_537);
    assertLess(socket.sent.length, 4, "the frames are nearly full");
    assertEquals(socket.seqs[0]?.at(-1), 63);
  });

  it("lets no new record wait for what did not fit", () => {
    const { drone, socket } = rig.connected();
    drone.send(span(0, 64).map((seq) => scan(seq, 72)));
    drone.send(records(64));
    assertEquals(socket.seqs.at(-1), [64]);
  });

  it("says of a record that no frame can hold that it is too large, and keeps none of that call", () => {
    const { drone, socket } = rig.connected();
    assertEquals(drone.send([...records(0), scan(1, 3000)]), "too-large");
    assertEquals([drone.unacknowledged, socket.sent.length], [0, 0]);
    assertEquals(drone.send([scan(0, 2400)]), "accepted");
  });

  it("keeps to what the edge said when it greeted, and keeps what that edge can never take for another", () => {
    const { drone, socket } = rig.connected();
    socket.close();
    assertEquals(drone.send([scan(0, 1000), ...records(1, 2, 3, 4)]), "accepted");
    rig.time.tick(1000);
    rig.socket.readyState = WebSocket.OPEN;
    rig.socket.answer({ case: "hello", value: { frameBytesMax: 4096, frameRecordsMax: 3 } });
    rig.socket.accept();
    assertEquals(drone.send([scan(5, 1000)]), "too-large");
    rig.time.tick(3000);
    assertEquals(rig.socket.seqs, [[2, 3, 4], [1]]);
    assertEquals(drone.unacknowledged, 5);
    rig.socket.answer({ case: "hello", value: {} });
    rig.time.tick(1000);
    assertEquals(rig.socket.seqs.at(-1), [0]);
  });
});
