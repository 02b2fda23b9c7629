// The edge, assembled in the order in which data flows:
// socket → telemetry (hot path) → lanes → sealing → uplink, and back: uplink → acknowledgements → socket.
import type { Hono } from "hono";
import { HotPath, LaneIndex } from "../wasm/hot_path.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { accept, type AppParts, createApp } from "./app.ts";
import { BulkWindow } from "./bulk_window.ts";
import { loadCompress } from "./compression.ts";
import type { EdgeConfig } from "./config.ts";
import type { Connection } from "./connection.ts";
import { zeroCounters } from "./counters.ts";
import { LaneClock } from "./lane_clock.ts";
import { Lanes } from "./lanes.ts";
import { Ledger } from "./ledger.ts";
import { OpenAlerts } from "./open_alerts.ts";
import type { Platform } from "./platform.ts";
import { edgeStatus, lossReport, statusView } from "./report.ts";
import { sealLane } from "./sealing.ts";
import { Slots } from "./slots.ts";
import { Telemetry } from "./telemetry.ts";
import { Uplink, UPLINK_SUBPROTOCOL } from "./uplink.ts";
import { Zones } from "./zones.ts";

export interface Edge {
  app: Hono;
  /** Takes over a drone's socket that is opening, as the app does after an upgrade. */
  accept: (socket: WebSocket) => void;
  /** Connects to the aggregator and starts the clocks. */
  start: () => void;
  /** Takes no more, hands over what it has, says so to the drones, closes their sockets; at most `limitMs`. */
  stop: (limitMs: number) => Promise<void>;
}

const ACK_INTERVAL_MS = 200;
const REPORT_INTERVAL_MS = 1000;
const STOP_POLL_MS = 5;
const STOP_CLOSE_MS = 500;
/** An event loop that comes later than this counts as overload. */
const LAG_MS_MAX = 25;

export async function createEdge(config: EdgeConfig, platform: Platform, kv: Deno.Kv | null = null): Promise<Edge> {
  const timers: (() => void)[] = [];
  const session = BigInt(Math.floor(platform.now() * 1000));
  const counters = zeroCounters();
  const ledger = new Ledger(counters);
  const slots = new Slots();
  const acknowledgements = new Acknowledgements(slots);

  const connections = new Set<Connection>();
  const hotPath = await HotPath.load({
    droneRatePerS: config.droneRatePerS,
    droneBurst: config.droneBurst,
    nodeRatePerS: config.nodeRatePerS,
    nodeBurst: config.nodeBurst,
    hashSeed: Math.floor(platform.random() * 2 ** 32),
  });
  const openAlerts = new OpenAlerts((droneId, open) => hotPath.setAlertOpen(droneId, open));
  const compress = await loadCompress();
  const zones = new Zones(kv, {
    fallback: { fleet: config.fleet, zone: config.zone },
    entriesMax: 65_536,
    ttlMs: config.zoneTtlMs,
    now: platform.clock,
    onChange: (droneId, zone) => slots.move(droneId, zone),
    onError: (error) => platform.log("warn", `Cannot look up a zone: ${error}`),
  });
  await zones.preload();

  const bulkWindow = new BulkWindow();
  const uplink = new Uplink({
    hello: { edgeId: config.edgeId, session, region: config.region },
    bytesMax: config.uplinkBytesMax,
    backoffMinMs: 100,
    backoffMaxMs: 5000,
  }, {
    connect: () => platform.connect(config.uplinkUrl, UPLINK_SUBPROTOCOL),
    clock: platform.clock,
    random: platform.random,
    schedule: (fn, ms) => timers.push(platform.after(ms, fn)),
    defineSlots: (batch, all) => {
      batch.definedAt = slots.revision;
      return slots.define(batch.slots, all);
    },
    onSent: (bytes) => counters.batchSentBytes += bytes,
    onAcknowledged: (batch, ackMs) => {
      if (batch.lane === LaneIndex.bulk) bulkWindow.acknowledged(ackMs, batch.sealed.records);
      slots.markKnown(batch.slots, batch.definedAt);
      hotPath.settle(batch.receipt);
      acknowledgements.settle(batch.receipt);
      laneClock.wake();
    },
    onRejected: (batch) => {
      platform.log("warn", `Cannot hand over batch ${batch.key}: the aggregator calls it malformed`);
      ledger.writeOff(batch.receipt, { slots, nowUs: platform.now() * 1000 });
      hotPath.settle(batch.receipt);
    },
    onMessage: ({ body }) => {
      if (body.case === "openAlerts") openAlerts.apply(body.value);
    },
    onSessionForgotten: () => slots.forget(),
    onState: (state, why) =>
      platform.log(state === "connected" ? "info" : "warn", `uplink ${state}${why && `: ${why}`}`),
  });
  const lanes = new Lanes({
    waiting: (lane) => hotPath.waiting(lane),
    inFlight: (lane) => uplink.inFlight(lane),
    canSeal: () => uplink.canTake,
    bulkWindowMs: () => bulkWindow.ms,
    seal: (lane, waitedMs) => {
      const { fillRandom, now } = platform;
      const batch = sealLane(lane, { hotPath, compress, counters, fillRandom, nowMs: now(), waitedMs });
      if (batch) uplink.take(batch);
    },
  });

  const laneClock = new LaneClock(lanes, platform);

  let stopping = false;
  const telemetry = new Telemetry({
    hotPath,
    slots,
    zones,
    acknowledgements,
    ledger,
    counters,
    openAlerts,
    onWaiting: () => laneClock.wake(),
    now: platform.now,
  });
  const doors: AppParts = {
    hello: () => ({ serverTimeUs: BigInt(Math.floor(platform.now() * 1000)), session, edgeId: config.edgeId }),
    // What arrives while stopping is not taken: the drone keeps it and sends it to the next edge.
    receive: (connection, data) => stopping || telemetry.receive(connection, data),
    onOpen: (connection) => connections.add(connection),
    onClose: (connection) => {
      connections.delete(connection);
      slots.disconnect(connection, connection.slots);
    },
    refusesConnections: () => stopping ? "the edge is stopping" : null,
    notReady: () => stopping ? "stopping" : uplink.state === "connected" ? null : "no connection to the aggregator",
    status: () => statusView({ config, session, counters, uplink, connections: connections.size }),
  };

  return {
    app: createApp(doors),
    accept: (socket) => accept(socket, doors),
    start() {
      uplink.start();
      let lastMs = platform.clock();
      timers.push(
        platform.every(ACK_INTERVAL_MS, () => {
          acknowledgements.send();
          const nowMs = platform.clock();
          bulkWindow.setOverloaded(nowMs - lastMs - ACK_INTERVAL_MS > LAG_MS_MAX);
          lastMs = nowMs;
        }),
        platform.every(REPORT_INTERVAL_MS, () => {
          uplink.tell({ case: "status", value: edgeStatus(counters, connections.size) });
          if (uplink.state === "connected") {
            const rows = ledger.take();
            if (rows.length > 0) uplink.tell({ case: "losses", value: lossReport(rows) });
          }
          for (const slot of hotPath.evictIdle(platform.now(), config.droneIdleMs)) slots.delete(slot);
        }),
      );
    },
    async stop(limitMs) {
      let cancelLimit = () => {};
      stopping = true;
      laneClock.stop();
      const untilMs = platform.clock() + limitMs;
      const pause = () => new Promise<void>((resolve) => platform.after(STOP_POLL_MS, resolve));
      const waiting = () => hotPath.waiting(LaneIndex.safety) + hotPath.waiting(LaneIndex.bulk);
      while (waiting() + uplink.unacknowledged > 0 && platform.clock() < untilMs) {
        lanes.drain(platform.clock());
        await pause();
      }
      acknowledgements.send();
      uplink.tell({ case: "status", value: edgeStatus(counters, connections.size) });
      const rows = ledger.take();
      if (rows.length > 0) uplink.tell({ case: "losses", value: lossReport(rows) });
      for (const connection of connections) connection.close(1001, "The edge is stopping");
      while (connections.size > 0 && platform.clock() < untilMs) await pause();
      for (const cancel of timers) cancel();
      // An aggregator that does not answer the close must not hold the process.
      await Promise.race([
        uplink.stop(),
        new Promise((resolve) => cancelLimit = platform.after(STOP_CLOSE_MS, () => resolve(null))),
      ]);
      cancelLimit();
    },
  };
}
