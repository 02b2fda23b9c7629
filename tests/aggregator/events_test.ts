import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { EventFanOut } from "../../aggregator/sinks/events.ts";
import { DroneState, PositionChanges, positionRow } from "../../aggregator/sinks/positions.ts";
import { drone } from "./fake_pipeline.ts";

async function text(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream).text();
}

describe("EventFanOut", () => {
  it("sends every event to every reader, in server-sent events' format", async () => {
    const events = new EventFanOut({ clientsMax: 2 });
    const streams = [events.subscribe()!, events.subscribe()!];
    events.publish("alert", { message: "two\nlines" });
    events.close();
    for (const stream of streams) {
      assertEquals(await text(stream), 'retry: 1000\n\nevent: alert\ndata: {"message":"two\\nlines"}\n\n');
    }
  });

  it("refuses a reader beyond the limit, and has room again when one leaves", async () => {
    const events = new EventFanOut({ clientsMax: 1 });
    const first = events.subscribe()!;
    assertEquals(events.subscribe(), null);
    await first.cancel();
    const next = events.subscribe();
    assert(next);
    await next.cancel();
    assertEquals(events.view, { clients: 0, droppedClients: 0 });
  });

  it("drops and counts a reader that does not read, and keeps the others", async () => {
    const events = new EventFanOut({ clientsMax: 2 });
    const slow = events.subscribe()!;
    const quick = events.subscribe()!;
    const received = text(quick);
    const data = "x".repeat(100_000);
    for (let i = 0; i < 60; i++) {
      events.publish("positions", `${i} ${data}`);
      // Lets the quick reader read.
      await new Promise<void>((resolve) => queueMicrotask(resolve));
      await Promise.resolve();
    }
    assertEquals(events.view, { clients: 1, droppedClients: 1 });
    events.close();
    assertStringIncludes(await received, '"59 x');
    await assertRejects(() => text(slow), RangeError, "does not keep up");
  });
});

describe("positionRow", () => {
  it("is null for a drone that has not told where it is", () => {
    assertEquals(positionRow(drone("d", { position: null })), null);
  });

  it("has the course where there is no heading, and the state as bits", () => {
    const row = positionRow(drone("d", { linkLost: true }), { alertBits: DroneState.battery });
    const state = DroneState.airborne | DroneState.linkLost | DroneState.battery;
    assertEquals(row, ["d", 47.4, 8.5, 60, 90, state, 52, 0, 10, null]);
  });

  it("has no velocity where the drone knows none, and how far a silent one may be", () => {
    const row = positionRow(drone("d", { flags: 3 | 128 }), { ghostM: 41.7 })!;
    assertEquals(row.slice(7), [null, null, 42]);
  });
});

describe("PositionChanges", () => {
  it("takes only what changed, and says what is gone", () => {
    const changes = new PositionChanges();
    const row = (id: string, state = 0) => positionRow(drone(id), { alertBits: state })!;
    assertEquals(changes.take([row("a"), row("b")]).changed.length, 2);
    const second = changes.take([row("a"), row("b", DroneState.battery)]);
    assertEquals([second.changed.map(([id]) => id), second.gone], [["b"], []]);
    assertEquals(changes.take([row("b", DroneState.battery)]), { changed: [], gone: ["a"] });
  });
});
