import { fromBinary } from "@bufbuild/protobuf";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { Acknowledgements, seqRanges } from "../../edge/drones/acknowledgements.ts";
import { Connection } from "../../edge/drones/connection.ts";
import { webSocketWire } from "../../edge/ingest/websocket.ts";
import { zeroCounters } from "../../edge/counters.ts";
import { Slots } from "../../edge/drones/slots.ts";
import { DroneDownlinkSchema } from "../../proto/gen/slipstream/v1/downlink_pb.ts";

describe("seqRanges", () => {
  it("covers exactly the numbers it was given", () => {
    fc.assert(fc.property(fc.array(fc.nat({ max: 300 })), (seqs) => {
      const covered = seqRanges([...seqs]).flatMap(({ first, last }) =>
        Array.from({ length: last - first + 1 }, (_, i) => first + i)
      );
      assertEquals(covered, [...new Set(seqs)].sort((a, b) => a - b));
    }));
  });
});

function rig() {
  const sent: Uint8Array[] = [];
  const socket = { bufferedAmount: 0, readyState: WebSocket.OPEN, send: (bytes: Uint8Array) => sent.push(bytes) };
  const clock = { ms: 0 };
  const connection = new Connection(webSocketWire(socket as unknown as WebSocket), { clock: () => clock.ms });
  const slots = new Slots();
  const slot = slots.add({ slot: 1, droneId: "a", bootId: 7, source: 0 }, { fleet: "f", zone: "z" });
  slots.spoke(slot, connection, { nowMs: 0 });
  const lost: unknown[] = [];
  const counters = zeroCounters();
  const acknowledgements = new Acknowledgements({
    slots,
    counters,
    clock: () => clock.ms,
    onLost: ({ droneId }, range) => lost.push([droneId, range]),
  });
  return { acknowledgements, slots, slot, sent, socket, clock, counters, lost };
}

function acked(sent: Uint8Array[]): number[][] {
  return sent.flatMap((bytes) => {
    const { body } = fromBinary(DroneDownlinkSchema, bytes);
    return body.case === "ack" ? body.value.ranges.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq]) : [];
  });
}

describe("Acknowledgements", () => {
  it("merges what the two lanes carried into ranges, once", () => {
    const { acknowledgements, sent } = rig();
    acknowledgements.settle(Uint32Array.of(1, 10, 1, 12));
    acknowledgements.settle(Uint32Array.of(1, 11, 1, 20));
    acknowledgements.send();
    acknowledgements.send();
    assertEquals(acked(sent), [[10, 12], [20, 20]]);
  });

  it("waits for a drone that does not read", () => {
    const { acknowledgements, sent, socket } = rig();
    socket.bufferedAmount = 2 << 20;
    acknowledgements.settle(Uint32Array.of(1, 1));
    acknowledgements.send();
    assertEquals(sent.length, 0);
    socket.bufferedAmount = 0;
    acknowledgements.send();
    assertEquals(acked(sent), [[1, 1]]);
  });

  it("sends more ranges than one Ack holds with the next", () => {
    const { acknowledgements, sent } = rig();
    acknowledgements.settle(Uint32Array.from({ length: 600 }, (_, i) => i % 2 === 0 ? 1 : i));
    acknowledgements.send();
    assertEquals(acked(sent).length, 256);
    acknowledgements.send();
    assertEquals(acked(sent).length, 300);
  });

  it("says again what a drone repeats", () => {
    const { acknowledgements, slots, sent } = rig();
    acknowledgements.repeat(slots.get(1)!, Uint32Array.of(5));
    acknowledgements.send();
    assertEquals(acked(sent), [[5, 5]]);
  });
});
