import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Connection } from "../../edge/drones/connection.ts";
import { webSocketWire } from "../../edge/ingest/websocket.ts";
import { Slots } from "../../edge/drones/slots.ts";

const place = { fleet: "fleet", zone: "north" };

const connection = () =>
  new Connection(webSocketWire({ readyState: WebSocket.OPEN, bufferedAmount: 0 } as unknown as WebSocket), {
    clock: () => 0,
  });

function rig(): Slots {
  const slots = new Slots();
  for (const slot of [1, 2]) {
    slots.add({ slot, droneId: "d1", bootId: slot, source: 0 }, place);
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

  it("defines a slot again when its frames declare another formation, and only then", () => {
    const slots = rig();
    const slot = slots.get(1)!;
    const groups = () => slots.define(Uint32Array.of(1, 2), false).map(({ slot, group }) => `${slot} ${group}`);
    slots.markKnown(Uint32Array.of(1, 2), slots.revision);
    slots.regroup(slot, { declaredGroup: "show", zone: place });
    assertEquals(groups(), ["1 show"]);
    slots.markKnown(Uint32Array.of(1), slots.revision);
    slots.regroup(slot, { declaredGroup: "show", zone: place });
    assertEquals(groups(), []);
    slots.regroup(slot, { declaredGroup: "", zone: place });
    assertEquals(groups(), ["1 "]);
  });

  it("has the operator's formation go before the one that a drone declares, and come back to that without it", () => {
    const slots = rig();
    const groups = () => slots.define(Uint32Array.of(1, 2), true).map(({ group }) => group);
    slots.regroup(slots.get(1)!, { declaredGroup: "own", zone: place });
    slots.move("d1", { ...place, group: "show" });
    assertEquals(groups(), ["show", "show"]);
    slots.regroup(slots.get(1)!, { declaredGroup: "another", zone: { ...place, group: "show" } });
    assertEquals(groups(), ["show", "show"]);
    slots.move("d1", { ...place, group: "" });
    assertEquals(groups(), ["", ""]);
    slots.move("d1", place);
    assertEquals(groups(), ["another", ""]);
    const added = slots.add({ slot: 3, droneId: "d1", bootId: 3, source: 0, declaredGroup: "own" }, place);
    assertEquals(added.group, "own");
    const named = slots.add({ slot: 4, droneId: "d1", bootId: 4, source: 0, declaredGroup: "own" }, {
      ...place,
      group: "show",
    });
    assertEquals(named.group, "show");
  });

  it("does not take an acknowledgement from before the move for one of the new zone", () => {
    const slots = rig();
    const sentAt = slots.revision;
    slots.move("d1", { fleet: "fleet", zone: "south" });
    slots.markKnown(Uint32Array.of(1, 2), sentAt);
    assertEquals(slots.define(Uint32Array.of(1, 2), false).length, 2);
  });

  it("reach a drone on each connection that spoke for it within 2 s, else on the one that spoke last", () => {
    const slots = rig();
    const warned = (nowMs: number) => slots.warnable("d1", nowMs).map((open) => names.get(open));
    const [older, newer] = [connection(), connection()];
    const names = new Map([[older, "older"], [newer, "newer"]]);
    assertEquals([warned(0), slots.warnable("nobody", 0)], [[], []]);
    slots.spoke(slots.get(1)!, older, { nowMs: 1000 });
    slots.spoke(slots.get(2)!, newer, { nowMs: 2000 });
    assertEquals([warned(3000), warned(3001), warned(9000)], [["older", "newer"], ["newer"], ["newer"]]);
    slots.spoke(slots.get(1)!, older, { nowMs: 9000 });
    assertEquals(warned(20_000), ["older"]);
    slots.disconnect(older);
    assertEquals(warned(20_000), ["newer"]);
  });

  it("remember 64 speakers of a slot, and forget a closed one and an evicted slot on both sides", () => {
    const slots = rig();
    const open = Array.from({ length: 70 }, connection);
    for (const [i, speaker] of open.entries()) slots.spoke(slots.get(1)!, speaker, { nowMs: i });
    slots.spoke(slots.get(2)!, open[69]!, { nowMs: 100 });
    const sizes = () => [slots.speakers, open.reduce((sum, speaker) => sum + speaker.slots.size, 0)];
    assertEquals(sizes(), [65, 65]);
    slots.disconnect(open[69]!);
    assertEquals(sizes(), [63, 63]);
    slots.delete(1);
    assertEquals([sizes(), slots.size], [[0, 0], 1]);
  });

  it("keeps the other boots of a drone when one is evicted", () => {
    const slots = rig();
    slots.delete(1);
    assertEquals(slots.ofDrone("d1").map(({ slot }) => slot), [2]);
    slots.delete(2);
    assertEquals([slots.size, slots.ofDrone("d1").length], [0, 0]);
  });
});
