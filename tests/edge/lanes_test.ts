import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Lanes } from "../../edge/lanes/lanes.ts";

const SAFETY = 0;
const BULK = 1;

function rig() {
  const state = { waiting: [0, 0], room: true, sealed: [] as number[], reasons: [] as string[], windowMs: 50 };
  const lanes = new Lanes({
    waiting: (lane) => state.waiting[lane]!,
    canSeal: () => state.room,
    bulkWindowMs: () => state.windowMs,
    seal: (lane, { reason }) => {
      state.sealed.push(lane);
      state.reasons.push(reason);
      state.waiting[lane] = 0;
    },
  });
  return { lanes, state };
}

describe("Lanes", () => {
  it("lets a safety record leave at once, whatever is not yet acknowledged", () => {
    const { lanes, state } = rig();
    state.waiting[SAFETY] = 1;
    assertEquals(lanes.advance(0), null);
    assertEquals(state.sealed, [SAFETY]);
  });

  it("keeps safety batches 1.5 ms apart", () => {
    const { lanes, state } = rig();
    state.waiting[SAFETY] = 1;
    lanes.advance(10);
    state.waiting[SAFETY] = 1;
    assertEquals(lanes.advance(11), 0.5);
    assertEquals(lanes.advance(11.5), null);
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

  it("says why a lane leaves", () => {
    const { lanes, state } = rig();
    state.waiting[BULK] = 4096;
    lanes.advance(0);
    state.waiting[SAFETY] = 1;
    lanes.advance(0);
    state.waiting[BULK] = 1;
    lanes.drain(1);
    assertEquals([state.sealed, state.reasons], [[BULK, SAFETY, BULK], ["full", "due", "stop"]]);
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
