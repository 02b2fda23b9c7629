import { OPEN_GATE } from "../../identity/gate.ts";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Connections } from "../../edge/drones/connections.ts";
import { Slots } from "../../edge/drones/slots.ts";
import { accept, type SocketParts } from "../../edge/ingest/websocket.ts";
import { Guard } from "../../platform/guard.ts";
import type { EdgePlatform } from "../../edge/edge.ts";
import { StillSocket } from "./still_rig.ts";

function rig() {
  const time = { nowMs: 0 };
  const lines: string[] = [];
  const timers: (() => void)[] = [];
  const take = (fn: () => void) => {
    timers.push(fn);
    return () => {};
  };
  const platform: EdgePlatform = {
    now: () => time.nowMs,
    clock: () => time.nowMs,
    random: () => 0,
    fillRandom: () => {},
    after: (_, fn) => take(fn),
    soon: (fn) => void take(fn),
    every: (_, fn) => take(fn),
    connect: () => new StillSocket().socket,
    log: (_, message) => lines.push(message),
    pseudonym: (id) => `drone:${id.length}`,
  };
  return { time, lines, timers, platform, guard: new Guard(platform) };
}

const NOBODY = { serverTimeUs: 0n, session: 1n, edgeId: "e", version: "", protocol: 0, cutOff: false };
const fail = () => {
  throw new RangeError("Cannot take that");
};

describe("Guard", () => {
  it("keeps timers of each kind from ending the process and everybody's connections with it", () => {
    const { guard, platform, timers, lines } = rig();
    const safe = guard.over(platform);
    safe.after(1, fail);
    safe.soon(fail);
    safe.every(1, fail);
    for (const timer of timers) timer();
    assertEquals([timers.length, lines.length], [3, 1]);
    assert(lines[0]!.includes("Cannot take that"));
  });

  it("tells once a second what throws, however often, and how often", () => {
    const { guard, time, lines } = rig();
    for (let i = 0; i < 30; i++, time.nowMs += 100) assertEquals(guard.run(fail), false);
    assertEquals(lines.map((line) => line.match(/(\d+) time/)?.[1]), ["1", "10", "10"]);
    assertEquals(guard.run(() => {}), true);
  });
});

describe("a drone whose message makes the edge throw", () => {
  it("loses its connection, and nobody else does", () => {
    const { guard } = rig();
    const sockets = [new StillSocket(), new StillSocket()];
    const received: unknown[] = [];
    const parts: SocketParts = {
      hello: () => ({ ...NOBODY, frameBytesMax: 1, frameRecordsMax: 1 }),
      connections: new Connections({ gate: OPEN_GATE, slots: new Slots(), clock: () => 0 }),
      receive: (_, frame) => frame.length === 0 ? fail() : void received.push(...frame),
      attempt: (fn) => guard.run(fn),
      onUnreadable: () => {},
      onTooLarge: () => {},
    };
    for (const socket of sockets) {
      accept(socket.socket, parts);
      socket.open();
    }
    sockets[0]!.onmessage!({ data: new ArrayBuffer(0) });
    sockets[1]!.onmessage!({ data: Uint8Array.of(7).buffer });
    assertEquals([sockets[0]!.closed?.code, sockets[1]!.closed], [1011, null]);
    assertEquals(received, [7]);
  });
});
