import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readEdgeConfig } from "../../edge/config.ts";
import { createEdge, type Edge } from "../../edge/edge.ts";
import { loadCompress } from "../../edge/lanes/compression.ts";
import { batteryFrame, frame } from "./rig.ts";

interface Upkeep {
  edge: Edge;
  /** A drone's socket that the edge has taken over. */
  connect: () => Socket;
  /** Lets so much time go by, with what was to happen in it. */
  advance: (ms: number) => void;
  /** Lets seconds go by, and with each what an edge does once a second. */
  seconds: (count: number) => Promise<void>;
  /** Lets what a store has answered arrive. */
  settle: () => Promise<void>;
}

interface Socket {
  closes: number[];
  readyState: number;
  bufferedAmount: number;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null;
  send: () => void;
  close: (code: number) => void;
}

/** An edge without an aggregator, whose time the test counts. */
async function withUpkeep(kv: Deno.Kv | null, run: (rig: Upkeep) => Promise<void>): Promise<void> {
  const clock = { ms: 0 };
  const each: (() => void)[] = [];
  let timers: { atMs: number; fn: () => void }[] = [];
  const later = (ms: number, fn: () => void) => {
    const timer = { atMs: clock.ms + ms, fn };
    timers.push(timer);
    return () => void (timers = timers.filter((other) => other !== timer));
  };
  const config = { ...readEdgeConfig({}), zoneTtlMs: 10_000 };
  const never = { readyState: WebSocket.CLOSED, close: () => {}, send: () => {} } as unknown as WebSocket;
  await loadCompress();
  const edge = await createEdge(config, {
    now: () => 1_790_000_000_000 + clock.ms,
    clock: () => clock.ms,
    random: () => 0.5,
    fillRandom: (bytes) => void bytes.fill(1),
    after: later,
    soon: (fn) => void later(0, fn),
    every: (ms, fn) => {
      if (ms === 1000) each.push(fn);
      return () => {};
    },
    connect: () => never,
    log: () => {},
    pseudonym: (id) => `drone:${id.length}`,
  }, kv);
  edge.start();
  const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
  await run({
    edge,
    settle,
    connect: () => {
      const socket: Socket = {
        closes: [],
        readyState: WebSocket.OPEN,
        bufferedAmount: 0,
        onmessage: null,
        send: () => {},
        close: (code) => {
          socket.closes.push(code);
          socket.readyState = WebSocket.CLOSING;
        },
      };
      edge.accept(socket as unknown as WebSocket);
      return socket;
    },
    advance: (ms) => {
      clock.ms += ms;
      const due = timers.filter(({ atMs }) => atMs <= clock.ms);
      timers = timers.filter(({ atMs }) => atMs > clock.ms);
      for (const { fn } of due) fn();
    },
    seconds: async (count) => {
      for (let s = 0; s < count; s++) {
        clock.ms += 1000;
        for (const fn of each) fn();
        await settle();
      }
    },
  });
}

function say(socket: Socket, seq: number): void {
  socket.onmessage?.({ data: batteryFrame("d1", [seq]).buffer });
}

describe("an edge, once a second", () => {
  it("gives up a drone that reads nothing of a full buffer, and no other", () =>
    withUpkeep(null, async ({ connect, seconds }) => {
      const [deaf, slow] = [connect(), connect()];
      deaf.bufferedAmount = 2 << 20;
      slow.bufferedAmount = 100_000;
      await seconds(32);
      assertEquals([deaf.closes, slow.closes], [[1008], []]);
    }));

  it("asks again for the zone of a drone that flies on, each time to live", async () => {
    let asked = 0;
    // A store that answers before the next second, however busy the machine is.
    const kv = {
      list: async function* () {},
      get: () => {
        asked++;
        return Promise.resolve({ value: null });
      },
    };
    await withUpkeep(kv as unknown as Deno.Kv, async ({ connect, seconds, settle }) => {
      const drone = connect();
      say(drone, 1);
      await settle();
      assertEquals(asked, 1);
      await seconds(11);
      assertEquals(asked, 2);
      await seconds(11);
      assertEquals(asked, 3);
    });
  });
});

describe("an edge whose aggregator is away", () => {
  it("keeps what it takes in few batches, as each costs memory whatever is in it", () =>
    withUpkeep(null, async ({ edge, connect, advance }) => {
      const drone = connect();
      for (let seq = 1; seq <= 400; seq++) {
        const position = { latE7: 470_000_000 + seq * 1000, lonE7: 80_000_000 };
        const eventTimeUs = 1_790_000_000_000_000n + BigInt(seq * 1000);
        const record = { seq, eventTimeUs, body: { case: "position" as const, value: position } };
        const data = frame({ droneId: `d${seq % 10}`, bootId: 1, records: [record] }).buffer;
        drone.onmessage?.({ data });
        advance(1);
      }
      advance(25);
      const { batches, records } = await (await edge.app.request("/v1/status")).json();
      assertEquals(records.forwarded, 400);
      assertEquals(batches.unacknowledged, Math.ceil(400 / 20) + 1);
    }));
});
