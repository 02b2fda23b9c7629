import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Lanes } from "../../edge/lanes.ts";

const SAFETY = 0;
const BULK = 1;

function rig() {
  const state = { waiting: [0, 0], inFlight: [0, 0], room: true, sealed: [] as number[], windowMs: 50 };
  const lanes = new Lanes({
    waiting: (lane) => state.waiting[lane]!,
    inFlight: (lane) => state.inFlight[lane]!,
    canSeal: () => state.room,
    bulkWindowMs: () => state.windowMs,
    seal: (lane) => {
      state.sealed.push(lane);
      state.waiting[lane] = 0;
      state.inFlight[lane]!++;
    },
  });
  return { lanes, state };
}

describe("Lanes", () => {
  it("lets a safety record leave at once while none of its batches is in flight", () => {
    const { lanes, state } = rig();
    state.waiting[SAFETY] = 1;
    assertEquals(lanes.advance(0), null);
    assertEquals(state.sealed, [SAFETY]);
  });

  it("holds a safety record for 5 ms behind an unacknowledged batch", () => {
    const { lanes, state } = rig();
    state.inFlight[SAFETY] = 1;
    state.waiting[SAFETY] = 1;
    assertEquals(lanes.advance(100), 5);
    assertEquals(lanes.advance(104), 1);
    assertEquals(state.sealed, []);
    assertEquals(lanes.advance(105), null);
    assertEquals(state.sealed, [SAFETY]);
  });

  it("lets it leave earlier when the acknowledgement comes", () => {
    const { lanes, state } = rig();
    state.inFlight[SAFETY] = 1;
    state.waiting[SAFETY] = 1;
    lanes.advance(100);
    state.inFlight[SAFETY] = 0;
    assertEquals(lanes.advance(101), null);
    assertEquals(state.sealed, [SAFETY]);
  });

  it("keeps safety batches 3 ms apart", () => {
    const { lanes, state } = rig();
    state.waiting[SAFETY] = 1;
    lanes.advance(10);
    state.inFlight[SAFETY] = 0;
    state.waiting[SAFETY] = 1;
    assertEquals(lanes.advance(11), 2);
    assertEquals(lanes.advance(13), null);
    assertEquals(state.sealed, [SAFETY, SAFETY]);
  });

  it("lets bulk leave once a window, never with safety behind it", () => {
    const { lanes, state } = rig();
    state.waiting[BULK] = 10;
    assertEquals(lanes.advance(0), 50);
    state.waiting[SAFETY] = 1;
    assertEquals(lanes.advance(50), null);
    assertEquals(state.sealed, [SAFETY, BULK]);
  });

  it("lets a full lane leave before its time", () => {
    const { lanes, state } = rig();
    state.waiting[BULK] = 4096;
    assertEquals(lanes.advance(0), null);
    assertEquals(state.sealed, [BULK]);
  });

  it("seals nothing that the uplink cannot take, and asks again", () => {
    const { lanes, state } = rig();
    state.room = false;
    state.waiting[SAFETY] = 1;
    assertEquals(lanes.advance(0), 5);
    assertEquals(state.sealed, []);
    state.room = true;
    lanes.advance(5);
    assertEquals(state.sealed, [SAFETY]);
  });
});
