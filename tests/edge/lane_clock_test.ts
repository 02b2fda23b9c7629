import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { LaneClock } from "../../edge/lane_clock.ts";
import { Lanes } from "../../edge/lanes.ts";

/** Timers that never fire by themselves, as under a burst of frames. */
function rig() {
  const state = { nowMs: 0, waiting: 0, sealed: 0, due: null as (() => void) | null };
  const lanes = new Lanes({
    waiting: (lane) => lane === 1 ? state.waiting : 0,
    canSeal: () => true,
    bulkWindowMs: () => 50,
    seal: () => {
      state.sealed++;
      state.waiting = 0;
    },
  });
  const after = (_ms: number, fn: () => void) => {
    state.due = fn;
    return () => state.due = null;
  };
  return { state, clock: new LaneClock(lanes, { clock: () => state.nowMs, after }) };
}

describe("LaneClock.wake", () => {
  it("leaves the work to a timer, so that a socket's other frames come in first", () => {
    const { state, clock } = rig();
    state.waiting = 1;
    clock.wake();
    assertEquals(state.sealed, 0);
    state.due?.();
    state.nowMs = 50;
    state.due?.();
    assertEquals(state.sealed, 1);
  });

  it("empties a full lane at once, for a burst keeps timers from firing", () => {
    const { state, clock } = rig();
    state.waiting = 4096;
    clock.wake();
    assertEquals(state.sealed, 1);
  });

  it("does the work of an overdue timer itself", () => {
    const { state, clock } = rig();
    state.waiting = 1;
    clock.wake();
    state.due?.();
    state.nowMs = 53;
    clock.wake();
    assertEquals(state.sealed, 1);
  });

  it("does nothing any more once stopped", () => {
    const { state, clock } = rig();
    clock.stop();
    state.waiting = 4096;
    clock.wake();
    assertEquals([state.sealed, state.due], [0, null]);
  });
});
