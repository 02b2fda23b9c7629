import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { LaneClock } from "../../edge/lanes/lane_clock.ts";
import { Lanes, LANES_DEFAULTS } from "../../edge/lanes/lanes.ts";

/** Neither timers nor what is to be done soon runs by itself, as under a burst of frames. */
function rig() {
  const state = {
    nowMs: 0,
    waiting: 0,
    urgent: 0,
    sealed: 0,
    timers: 0,
    due: null as (() => void) | null,
    soon: [] as (() => void)[],
  };
  const lanes = new Lanes({
    waiting: (lane) => lane === 1 ? state.waiting : state.urgent,
    canSeal: () => true,
    bulkWindowMs: () => 50,
    seal: (lane) => {
      state.sealed++;
      if (lane === 1) state.waiting = 0;
      else state.urgent = 0;
    },
  }, { ...LANES_DEFAULTS, safetySpacingMs: 2 });
  const after = (_ms: number, fn: () => void) => {
    state.due = fn;
    state.timers++;
    return () => state.due = null;
  };
  const soon = (fn: () => void) => void state.soon.push(fn);
  return { state, clock: new LaneClock(lanes, { clock: () => state.nowMs, after, soon }) };
}

function runSoon({ soon }: { soon: (() => void)[] }): number {
  const all = soon.splice(0);
  for (const fn of all) fn();
  return all.length;
}

describe("LaneClock.wake", () => {
  it("lets the other frames come in first, then plans when what waits will leave", () => {
    const { state, clock } = rig();
    state.waiting = 1;
    clock.wake();
    clock.wake();
    assertEquals([state.sealed, runSoon(state)], [0, 1]);
    state.nowMs = 50;
    state.due?.();
    assertEquals(state.sealed, 1);
  });

  it("lets an urgent record leave without a timer, whatever else waits", () => {
    const { state, clock } = rig();
    state.waiting = 1;
    clock.wake();
    runSoon(state);
    state.nowMs = 10;
    state.urgent = 1;
    clock.wake();
    assertEquals([runSoon(state), state.sealed, state.waiting], [1, 1, 1]);
  });

  it("looks when a frame comes at the planned time, and not with each frame before it", () => {
    const { state, clock } = rig();
    state.urgent = 1;
    clock.wake();
    runSoon(state);
    state.urgent = 1;
    state.nowMs = 0.5;
    clock.wake();
    assertEquals([runSoon(state), state.sealed], [1, 1]);
    state.nowMs = 1;
    clock.wake();
    assertEquals(state.soon.length, 0);
    state.nowMs = 2;
    clock.wake();
    assertEquals([runSoon(state), state.sealed], [1, 2]);
  });

  it("keeps a timer that is early enough, sets another for what leaves before it, and goes on to the rest", () => {
    const { state, clock } = rig();
    const look = (nowMs: number) => {
      state.nowMs = nowMs;
      state.urgent = 1;
      clock.wake();
      runSoon(state);
    };
    state.waiting = 1;
    for (let nowMs = 0; nowMs < 40; nowMs += 4) look(nowMs);
    assertEquals([state.timers, state.sealed, state.waiting], [1, 10, 1]);
    look(37);
    assertEquals([state.timers, state.urgent], [2, 1]);
    state.nowMs = 38;
    state.due?.();
    assertEquals([state.timers, state.urgent, state.waiting], [3, 0, 1]);
    state.nowMs = 50;
    state.due?.();
    assertEquals(state.waiting, 0);
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
    runSoon(state);
    state.nowMs = 53;
    clock.wake();
    assertEquals(state.sealed, 1);
  });

  it("does itself what was to be done soon, when a burst keeps that from being done", () => {
    const { state, clock } = rig();
    state.urgent = 1;
    clock.wake();
    state.nowMs = 3;
    clock.wake();
    assertEquals([state.sealed, state.soon.length], [1, 1]);
    runSoon(state);
    assertEquals(state.sealed, 1);
  });

  it("does nothing any more once stopped", () => {
    const { state, clock } = rig();
    clock.stop();
    state.waiting = 4096;
    clock.wake();
    assertEquals([state.sealed, state.due, runSoon(state)], [0, null, 0]);
  });
});
