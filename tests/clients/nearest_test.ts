import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CloseCode } from "../../proto/words.ts";
import { NEAREST_DEFAULTS } from "../../clients/typescript/src/nearest.ts";
import { Random } from "../../sim/random.ts";
import { NearestRig } from "./nearest_rig.ts";

const MINUTE_MS = 60_000;
const ABNORMAL = 1006;

describe("Nearest", () => {
  it("begins with the edge that says hello first, and does not wait for the others", () => {
    const rig = new NearestRig({ far: { helloMs: 90 }, near: { helloMs: 20 }, gone: { helloMs: null } });
    rig.nearest.open(() => rig.use());
    rig.pass(29);
    assertEquals(rig.nearest.current, null, "one that is as near may answer yet");
    rig.pass(1);
    assertEquals(rig.nearest.current, "near");
  });

  it("tries one all the same when none answers", () => {
    const rig = new NearestRig({ a: { helloMs: null }, b: { helloMs: null } });
    let found = 0;
    rig.nearest.open(() => found++);
    rig.pass(NEAREST_DEFAULTS.helloMsMax - 1);
    assertEquals(found, 0);
    rig.pass(1);
    assertEquals(found, 1);
    rig.use();
    assertEquals(["a", "b"].includes(rig.nearest.current ?? ""), true);
  });

  it("measures nothing where there is nothing to choose", () => {
    const rig = new NearestRig({ only: { helloMs: 5 } });
    rig.start();
    rig.nearest.heard({ cutOff: true, stopping: true });
    rig.nearest.waiting();
    rig.pass(60 * MINUTE_MS);
    assertEquals([rig.connected, rig.timers, rig.moves], [["only"], 0, 0]);
    assertEquals(rig.lose(CloseCode.goingAway), "only");
  });

  it("closes what it measured with, also what never answered", () => {
    const rig = new NearestRig({ a: { helloMs: 5 }, b: { helloMs: null } });
    rig.start();
    const [probeOfA, probeOfB, used] = rig.sockets;
    assertEquals([probeOfA!.readyState, probeOfB!.readyState, used!.readyState], [
      WebSocket.CLOSED,
      WebSocket.CLOSED,
      WebSocket.OPEN,
    ]);
    rig.nearest.open(() => {});
    rig.nearest.close();
    // What the connection still brings while it closes.
    rig.nearest.waiting();
    rig.nearest.opened();
    rig.pass(5);
    assertEquals([rig.timers, rig.sockets.slice(3).every(({ readyState }) => readyState === WebSocket.CLOSED)], [
      0,
      true,
    ]);
  });

  it("goes to the next nearest from one that is drained or dies, and comes back when it is measured there again", () => {
    for (const code of [CloseCode.goingAway, ABNORMAL]) {
      const rig = new NearestRig({ far: { helloMs: 200 }, near: { helloMs: 20 }, middle: { helloMs: 80 } });
      assertEquals(rig.start(), "near");
      rig.edges.near!.helloMs = null;
      assertEquals(rig.lose(code), "middle");
      rig.pass(MINUTE_MS);
      assertEquals([rig.nearest.current, rig.moves], ["middle", 0]);
      rig.edges.near!.helloMs = 20;
      rig.pass(8 * MINUTE_MS);
      assertEquals([rig.nearest.current, rig.moves], ["near", 1]);
    }
  });

  it("moves from one that has become slow", () => {
    const rig = new NearestRig({ a: { helloMs: 20 }, b: { helloMs: 60 } });
    assertEquals(rig.start(), "a");
    rig.edges.a!.helloMs = 700;
    rig.pass(NEAREST_DEFAULTS.settleMs * 1.5);
    assertEquals([rig.nearest.current, rig.moves], ["b", 1]);
    rig.pass(60 * MINUTE_MS);
    assertEquals([rig.nearest.current, rig.moves], ["b", 1]);
  });

  it("does not move for what is about as near, however it varies", () => {
    const random = new Random(7);
    const rig = new NearestRig({ a: { helloMs: 20 }, b: { helloMs: 22 }, c: { helloMs: 27 } });
    const first = rig.start();
    for (let minute = 0; minute < 600; minute++) {
      for (const [i, edge] of ["a", "b", "c"].entries()) rig.edges[edge]!.helloMs = 20 + 3 * i + random.whole(-4, 4);
      rig.pass(MINUTE_MS);
    }
    assertGreater(rig.connected.length, 200);
    assertEquals([rig.nearest.current, rig.moves], [first, 0]);
  });

  it("moves at once, a moment apart from others, when its edge is stopping, and once", () => {
    const moved: number[] = [];
    for (let i = 0; i < 20; i++) {
      const rig = new NearestRig({ a: { helloMs: 20 }, b: { helloMs: 60 } }, { random: () => i / 20 });
      rig.start();
      rig.pass(10 * MINUTE_MS);
      const sinceMs = rig.nowMs;
      for (let times = 0; times < 2; times++) {
        rig.nearest.heard({ cutOff: false, stopping: true });
        // As after any heartbeat.
        rig.nearest.waiting();
      }
      while (rig.moves === 0 && rig.nowMs < sinceMs + 1000) rig.pass(1);
      moved.push(rig.nowMs - sinceMs);
      rig.pass(1000);
      assertEquals([rig.nearest.current, rig.moves], ["b", 1]);
    }
    assertLess(Math.max(...moved), 251);
    assertEquals(new Set(moved).size > 15, true, moved.join(" "));
  });

  it("leaves an edge that does not reach the aggregator for one that does, and stays where none does", () => {
    const rig = new NearestRig({ a: { helloMs: 20 }, b: { helloMs: 60 } });
    rig.start();
    rig.pass(10 * MINUTE_MS);
    rig.edges.a!.cutOff = true;
    rig.nearest.heard({ cutOff: true });
    rig.pass(NEAREST_DEFAULTS.settleMs);
    assertEquals([rig.nearest.current, rig.moves], ["b", 1]);
    rig.edges.b!.cutOff = true;
    rig.nearest.heard({ cutOff: true });
    rig.pass(MINUTE_MS);
    assertEquals([rig.nearest.current, rig.moves], ["b", 1]);
  });

  it("does not ask edges all the time while none of them reaches the aggregator", () => {
    const rig = new NearestRig({ a: { helloMs: 20, cutOff: true }, b: { helloMs: 60, cutOff: true } });
    rig.start();
    const before = rig.connected.length;
    for (let s = 0; s < 600; s++) {
      rig.nearest.heard({ cutOff: true });
      rig.nearest.waiting();
      rig.pass(1000);
    }
    assertEquals(rig.moves, 0);
    assertGreater(rig.connected.length - before, 20);
    assertLess(rig.connected.length - before, 130);
  });

  it("spreads drones over edges that are about as near, and after the end of one over those that are left", () => {
    const random = new Random(3);
    const count = (rigs: NearestRig[]) => {
      const spread: Record<string, number> = { a: 0, b: 0, c: 0 };
      for (const { nearest } of rigs) spread[nearest.current ?? ""]!++;
      return spread;
    };
    const rigs = Array.from({ length: 300 }, () => {
      const edges = { a: { helloMs: 20 }, b: { helloMs: 21 }, c: { helloMs: 22 } };
      const rig = new NearestRig(edges, { random: () => random.unit() });
      rig.start();
      return rig;
    });
    for (const rig of rigs) rig.pass(MINUTE_MS);
    for (const rig of rigs.filter(({ nearest }) => nearest.current === "a")) rig.lose(CloseCode.goingAway);
    const after = count(rigs);
    assertEquals(after.a, 0);
    for (const edge of ["b", "c"]) assertGreater(after[edge]!, 90, JSON.stringify(after));
  });

  it("measures at another time than other drones", () => {
    const random = new Random(5);
    const times = Array.from({ length: 50 }, () => {
      const rig = new NearestRig({ a: { helloMs: 1 }, b: { helloMs: 2 } }, { random: () => random.unit() });
      rig.start();
      const before = rig.connected.length;
      while (rig.connected.length === before) rig.pass(100);
      return rig.nowMs;
    });
    assertGreater(Math.max(...times) - Math.min(...times), NEAREST_DEFAULTS.settleMs / 2);
  });
});
