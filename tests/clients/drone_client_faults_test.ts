import { assertEquals, assertLess } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { ClientRig, records } from "./client_rig.ts";

let rig: ClientRig;

const settled = (seq: number) => ({ firstSeq: seq, lastSeq: seq });

describe("a DroneClient whose edge could not read a frame", () => {
  beforeEach(() => void (rig = new ClientRig()));
  afterEach(() => rig[Symbol.dispose]());

  it("says so, sends nothing again that the edge acknowledges, and what it does not each by itself", () => {
    const { drone, socket } = rig.connected();
    drone.send(records(0, 1));
    drone.send(records(2));
    socket.fault(1);
    assertEquals([rig.faults, drone.counters.faults], [[1], 1]);
    for (let seq = 3; seq < 10; seq++) {
      rig.time.tick(500);
      drone.send(records(seq));
      socket.ack(1, settled(seq), settled(2));
    }
    assertEquals(socket.seqs.filter((seqs) => seqs.includes(0) || seqs.includes(1)), [[0, 1], [0], [1]]);
    assertEquals(socket.seqs.flat().filter((seq) => seq === 2).length, 1);
  });

  it("gives up a record that the edge has never read, alone three times, and nothing else", () => {
    const { drone, socket } = rig.connected();
    for (let seq = 0, answered = 0; seq < 200; seq++) {
      drone.send(records(seq));
      for (; answered < socket.sent.length; answered++) {
        for (const sent of socket.seqs[answered]!) {
          if (sent === 7) socket.fault(1);
          else socket.ack(1, settled(sent));
        }
      }
      rig.time.tick(100);
    }
    assertEquals(rig.lost, [[[7], "unreadable"]]);
    assertEquals(drone.counters.lost.unreadable, 1);
    assertEquals(socket.seqs.filter((seqs) => seqs.includes(7)).length, 3);
    assertEquals(drone.unacknowledged, 0);
  });

  it("gives up nothing while no record at all is acknowledged, as in an outage of the aggregator", () => {
    const { drone, socket } = rig.connected();
    for (let seq = 0; seq < 600; seq++) {
      drone.send(records(seq));
      if (seq % 10 === 0) socket.fault(1);
      if (seq % 20 === 0) socket.heartbeat(seq * 100);
      rig.time.tick(100);
    }
    assertEquals([rig.lost, drone.unacknowledged], [[], 600]);
    assertEquals(socket.seqs.flat().length, 600, "the edge holds them");
  });

  it("knows its own frames from damaged ones that were sent on purpose", () => {
    const { drone, socket } = rig.connected();
    drone.send(records(0));
    drone.sendBytes(new Uint8Array([1]));
    socket.fault(1);
    rig.time.tick(5000);
    drone.send(records(1));
    rig.time.tick(3000);
    socket.ack(1, settled(1));
    rig.time.tick(3000);
    assertEquals(socket.sent.length, 3);
  });

  it("sends again what the edge does not hold, by what a heartbeat says", () => {
    const { drone, socket } = rig.connected();
    drone.send(records(0));
    rig.time.tick(9000);
    socket.heartbeat(9000);
    drone.send(records(1));
    rig.time.tick(9000);
    // The edge has held something for 9 s, and record 0 may have been on its way for as long.
    socket.heartbeat(9000);
    rig.time.tick(1000);
    assertEquals(socket.seqs, [[0], [1]]);
    rig.time.tick(5000);
    socket.heartbeat(9900);
    rig.time.tick(1000);
    assertEquals(socket.seqs, [[0], [1], [0]]);
  });

  it("sends again what is not acknowledged while all that was sent later is, for five minutes", () => {
    const { drone, socket } = rig.connected();
    drone.send(records(0));
    for (let seq = 1; seq < 640; seq++) {
      rig.time.tick(500);
      drone.send(records(seq));
      socket.ack(1, settled(seq));
      if (seq === 600) assertEquals(socket.seqs.length, 601);
    }
    assertEquals(socket.seqs.filter((seqs) => seqs.includes(0)).length, 2);
  });

  it("is never kept busy by faults without end", () => {
    const { drone, socket } = rig.connected();
    for (let seq = 0; seq < 50; seq++) drone.send(records(seq));
    const before = socket.sent.length;
    for (let ms = 0; ms < 60_000; ms += 50) {
      socket.fault(2 ** 32 - 1);
      socket.heartbeat(0);
      rig.time.tick(50);
    }
    assertLess((socket.sent.length - before) / 60, 21);
  });
});
