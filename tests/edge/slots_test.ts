import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Connection } from "../../edge/connection.ts";
import { Slots } from "../../edge/slots.ts";

const place = { fleet: "fleet", zone: "north", connection: null };

const connection = () => new Connection({} as unknown as WebSocket);

function rig(): Slots {
  const slots = new Slots();
  for (const slot of [1, 2]) {
    slots.add({ slot, droneId: "d1", bootId: slot, ...place, known: false, movedAt: 0, settled: [], shed: [] });
  }
  return slots;
}

describe("Slots", () => {
  it("defines what the aggregator does not know, once", () => {
    const slots = rig();
    assertEquals(slots.define(Uint32Array.of(1, 2), false).map(({ bootId }) => bootId), [1, 2]);
    slots.markKnown(Uint32Array.of(1), slots.revision);
    assertEquals(slots.define(Uint32Array.of(1, 2), false).map(({ slot }) => slot), [2]);
    assertEquals(slots.define(Uint32Array.of(1, 2), true).length, 2);
  });

  it("defines all boots of a drone again when it moves to another zone", () => {
    const slots = rig();
    slots.markKnown(Uint32Array.of(1, 2), slots.revision);
    slots.move("d1", { fleet: "fleet", zone: "south" });
    assertEquals(slots.define(Uint32Array.of(1, 2), false).map(({ zone }) => zone), ["south", "south"]);
  });

  it("does not take an acknowledgement from before the move for one of the new zone", () => {
    const slots = rig();
    const sentAt = slots.revision;
    slots.move("d1", { fleet: "fleet", zone: "south" });
    slots.markKnown(Uint32Array.of(1, 2), sentAt);
    assertEquals(slots.define(Uint32Array.of(1, 2), false).length, 2);
  });

  it("reaches a drone on the connection of its newest boot that has one", () => {
    const slots = rig();
    assertEquals([slots.connectionOf("d1"), slots.connectionOf("nobody")], [null, null]);
    const [older, newer] = [connection(), connection()];
    slots.get(1)!.connection = older;
    assertEquals(slots.connectionOf("d1") === older, true);
    slots.get(2)!.connection = newer;
    assertEquals(slots.connectionOf("d1") === newer, true);
    slots.disconnect(newer, [2]);
    assertEquals(slots.connectionOf("d1") === older, true);
  });

  it("keeps the other boots of a drone when one is evicted", () => {
    const slots = rig();
    slots.delete(1);
    assertEquals(slots.ofDrone("d1").map(({ slot }) => slot), [2]);
    slots.delete(2);
    assertEquals([slots.size, slots.ofDrone("d1").length], [0, 0]);
  });
});
