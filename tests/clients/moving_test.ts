import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CloseCode } from "../../proto/words.ts";
import { ClientRig, records } from "./client_rig.ts";

const EDGES = ["ws://a", "ws://b"];

/** A client that is connected to the first of two edges. */
function rig() {
  const one = new ClientRig();
  const drone = one.client({ edges: EDGES });
  drone.open();
  const [a, b] = one.sockets;
  for (const probe of [a!, b!]) {
    probe.accept();
    probe.answer({ case: "hello", value: {} });
    if (probe === a) one.time.tick(30);
  }
  one.time.tick(20);
  one.socket.accept();
  one.socket.answer({ case: "hello", value: {} });
  return { rig: one, drone };
}

describe("a drone that knows several edges", () => {
  it("has its next connection before it leaves one that is stopping, and sends there what was not acknowledged", () => {
    const { rig: one, drone } = rig();
    using _ = one;
    const first = one.socket;
    assertEquals([drone.connected, drone.edge, one.sockets.length], [true, "ws://a", 3]);
    drone.send(records(1, 2));
    first.ack(1, { firstSeq: 1, lastSeq: 1 });
    first.answer({ case: "heartbeat", value: { stopping: true } });
    one.time.tick(250);
    const second = one.socket;
    assertEquals([one.sockets.length, first.readyState, drone.connected], [4, WebSocket.OPEN, true]);
    drone.send(records(3));
    assertEquals(first.seqs, [[1, 2], [3]]);
    second.accept();
    one.time.tick(1000);
    assertEquals([drone.edge, first.readyState], ["ws://b", WebSocket.CLOSED]);
    assertEquals(second.seqs.flat().toSorted(), [2, 3]);
    second.ack(1, { firstSeq: 2, lastSeq: 3 });
    assertEquals([drone.unacknowledged, drone.counters.reconnects, one.lost], [0, 1, []]);
  });

  it("goes elsewhere when it is drained or its edge dies, within the first back-off", () => {
    for (const code of [CloseCode.goingAway, 1006]) {
      const { rig: one, drone } = rig();
      using _ = one;
      drone.send(records(1));
      one.socket.close(code);
      one.time.tick(500);
      one.socket.accept();
      assertEquals(drone.edge, "ws://b");
      one.time.tick(1000);
      assertEquals(one.socket.seqs, [[1]]);
    }
  });

  it("stays where it is when the other edge cannot be reached", () => {
    const { rig: one, drone } = rig();
    using _ = one;
    const first = one.socket;
    first.answer({ case: "heartbeat", value: { stopping: true } });
    one.time.tick(250);
    one.socket.fail();
    assertEquals([drone.edge, drone.connected, first.readyState], ["ws://a", true, WebSocket.OPEN]);
  });

  it("leaves nothing behind when it is closed while it looks for the nearest", async () => {
    using one = new ClientRig();
    const drone = one.client({ edges: EDGES });
    drone.open();
    await drone.close();
    one.time.tick(60_000);
    assertEquals([one.sockets.length, one.sockets.every(({ readyState }) => readyState === WebSocket.CLOSED)], [
      2,
      true,
    ]);
  });
});
