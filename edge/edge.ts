// The edge, assembled in the order in which data flows:
// socket → telemetry (hot path) → lanes → sealing → uplink, and back: uplink → acknowledgements, warnings → socket.
import type { Platform } from "../platform/system.ts";
import { VERSION } from "../platform/version.ts";
import { Lane } from "../proto/gen/slipstream/v1/batch_pb.ts";
import { RefusalReason } from "../proto/gen/slipstream/v1/downlink_pb.ts";
import { CloseCode, FRAME_BYTES_MAX, FRAME_RECORDS_MAX, UPLINK_SUBPROTOCOL } from "../proto/words.ts";
import { HotPath } from "../wasm/hot_path.ts";
import { LaneIndex } from "../wasm/limits.ts";
import { Acknowledgements } from "./drones/acknowledgements.ts";
import { accept, type AppParts, createApp, type EdgeApp } from "./ingest/app.ts";
import { Backlog } from "./uplink/backlog.ts";
import { Breaker, BREAKER_DEFAULTS } from "./uplink/breaker.ts";
import { BulkWindow } from "./lanes/bulk_window.ts";
import { loadCompress } from "./lanes/compression.ts";
import type { EdgeConfig } from "./config.ts";
import type { Connection } from "./drones/connection.ts";
import { zeroCounters } from "./counters.ts";
import { sendHeartbeats } from "./drones/heartbeats.ts";
import { Guard } from "../platform/guard.ts";
import { Keeper } from "./uplink/keeper.ts";
import { Ladder, LEVELS } from "./overload/ladder.ts";
import { LaneClock } from "./lanes/lane_clock.ts";
import { Lanes, LANES_DEFAULTS } from "./lanes/lanes.ts";
import { Ledger } from "./overload/ledger.ts";
import { OpenAlerts } from "./drones/open_alerts.ts";
import { LossLog } from "./overload/loss_log.ts";
import { edgeStatus, statusView } from "./report.ts";
import { type OutboundBatch, sealLane } from "./lanes/sealing.ts";
import { Settlement } from "./uplink/settlement.ts";
import { Slots } from "./drones/slots.ts";
import { Telemetry } from "./ingest/telemetry.ts";
import { Uplink } from "./uplink/uplink.ts";
import { Warnings } from "./drones/warnings.ts";
import { Zones } from "./drones/zones.ts";

/** What an edge needs of the machine it runs on. */
export interface EdgePlatform extends Platform {
  /** A WebSocket that connects to `url`, offering one subprotocol. */
  connect: (url: string, subprotocol: string) => WebSocket;
}

export interface Edge {
  app: EdgeApp;
  /** Takes over a drone's socket that is opening, as the app does after an upgrade. */
  accept: (socket: WebSocket) => void;
  /** Connects to the aggregator and starts the clocks. */
  start: () => void;
  /** Takes no more, hands over what it has, says so to the drones, closes their sockets; at most `limitMs`. */
  stop: (limitMs: number) => Promise<void>;
}

/** A part of the drones hears what was acknowledged each time: all at once would hold up everything else. */
const ACK_INTERVAL_MS = 20;
const ACK_SHARE = 0.05;
const CHECK_INTERVAL_MS = 200;
const REPORT_INTERVAL_MS = 1000;
/** Between two safety batches while none can leave: each costs memory whatever is in it. */
const AWAY_SPACING_MS = 20;
const STOP_POLL_MS = 5;
const STOP_CLOSE_MS = 500;
/** What is given up of bulk at each level of the ladder. */
const SHEDDING = [0, 0, 1, 2, 2] as const;
const REFUSING_LEVEL = 4;

export async function createEdge(config: EdgeConfig, of: EdgePlatform, kv: Deno.Kv | null = null): Promise<Edge> {
  const guard = new Guard(of);
  const platform = guard.over(of);
  const timers: (() => void)[] = [];
  const nowUs = () => BigInt(Math.floor(platform.now() * 1000));
  const session = nowUs();
  const counters = zeroCounters();
  const ledger = new Ledger(counters);
  const slots = new Slots();
  const losses = new LossLog(platform);
  const acknowledgements = new Acknowledgements({
    slots,
    counters,
    clock: platform.clock,
    onLost: ({ droneId, bootId }, { first, last, records, reason }) => {
      const lane = reason === RefusalReason.SHED ? Lane.BULK : Lane.UNSPECIFIED;
      ledger.add({ droneId, bootId, firstSeq: first, lastSeq: last, records, reason, lane }, platform.now() * 1000);
    },
  });

  const warnings = new Warnings({
    slots,
    counters,
    nowUs,
    clock: platform.clock,
    // Without a connection they are lost: the aggregator asks again.
    tell: (receipts) => uplink.tell({ case: "alertReceipts", value: { receipts } }),
  });

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
    onError: (error, failures) => platform.log("warn", `Cannot look up the zones of ${failures} drones: ${error}`),
  });
  await zones.preload();

  const bulkWindow = new BulkWindow();
  const backlog = new Backlog({ bytesMax: config.uplinkBytesMax, keepMs: config.replayMs });
  const breaker = new Breaker(BREAKER_DEFAULTS, platform.random);
  const ladder = new Ladder();
  const onError = (error: unknown) => losses.note("batches that KV did not keep", 1, error);
  const keeper = kv && config.replayInKv ? new Keeper({ kv, edgeId: config.edgeId, session, onError }) : null;
  for (const batch of await keeper?.restore() ?? []) backlog.restore(batch);
  const settlement = new Settlement({ hotPath, slots, acknowledgements, losses, keeper });
  const uplink = new Uplink({
    hello: { edgeId: config.edgeId, session, region: config.region, version: VERSION },
    backlog,
    breaker,
    connect: () => platform.connect(config.uplinkUrl, UPLINK_SUBPROTOCOL),
    clock: platform.clock,
    schedule: (fn, ms) => timers.push(platform.after(ms, fn)),
    defineSlots: (batch, all) => {
      batch.definedAt = slots.revision;
      return slots.define(batch.slots, all);
    },
    onSent: (bytes) => counters.batchSentBytes += bytes,
    onAcknowledged: (batch, ackMs) => {
      const isMeasured = batch.lane === LaneIndex.bulk && !batch.acknowledged && ackMs !== null;
      if (isMeasured) bulkWindow.acknowledged(ackMs, batch.sealed.records);
      settlement.accepted(batch);
      laneClock.wake();
    },
    onRejected: (batch, reason) => settlement.rejected(batch, reason),
    onMessage: ({ body }) => {
      if (body.case === "openAlerts") openAlerts.apply(body.value);
      else if (body.case === "lossAck") ledger.acknowledged(body.value.reportId);
      else if (body.case === "alerts") warnings.deliver(body.value.alerts);
      else if (body.case === "clockProbe") {
        const { aggregatorTimeUs } = body.value;
        uplink.tell({ case: "clockProbe", value: { aggregatorTimeUs, edgeTimeUs: nowUs() } });
      }
    },
    onSessionForgotten: () => slots.forget(),
    attempt: (fn) => guard.run(fn),
    onState: (state, why) => {
      if (state === "connected") ledger.connectionLost();
      platform.log(state === "connected" ? "info" : "warn", `uplink ${state}${why && `: ${why}`}`);
    },
  });
  // What is measured now matters more than what the aggregator has judged, or does not want: that goes back to its drones.
  const makeRoom = () => {
    const { safety, bulk } = LaneIndex;
    while (!backlog.canTake) {
      const batch = backlog.giveBack(safety, "taken") ?? (uplink.isHeld(bulk) && backlog.giveBack(bulk, "waiting"));
      if (!batch) return false;
      settlement.givenBack(batch);
    }
    return true;
  };
  const lanes = new Lanes({
    waiting: (lane) => hotPath.waiting(lane),
    canSeal: makeRoom,
    bulkWindowMs: () => bulkWindow.ms,
    seal: (lane, waitedMs) => {
      const { fillRandom, now } = platform;
      const batch = sealLane(lane, { hotPath, compress, counters, fillRandom, nowMs: now(), waitedMs });
      if (!batch) return;
      keeper?.keep(batch, slots.define(batch.slots, true));
      uplink.take(batch);
    },
  }, {
    ...LANES_DEFAULTS,
    get safetySpacingMs() {
      return uplink.state === "connected" ? LANES_DEFAULTS.safetySpacingMs : AWAY_SPACING_MS;
    },
  });

  const laneClock = new LaneClock(lanes, platform);

  let stopping = false;
  const frameRecordsMax = Math.min(FRAME_RECORDS_MAX, config.droneBurst, config.nodeBurst);
  const telemetry = new Telemetry({
    hotPath,
    slots,
    zones,
    acknowledgements,
    warnings,
    ledger,
    losses,
    counters,
    openAlerts,
    onWaiting: () => laneClock.wake(),
    frameRecordsMax,
    now: platform.now,
    clock: platform.clock,
  });
  const parts = { config, session, counters, uplink, backlog, breaker, ladder, connections, slots, now: platform.now };
  const doors: AppParts = {
    hello: () => {
      const limits = { frameBytesMax: FRAME_BYTES_MAX, frameRecordsMax };
      return { serverTimeUs: nowUs(), session, edgeId: config.edgeId, version: VERSION, ...limits };
    },
    clock: platform.clock,
    // What arrives while stopping is not taken: the drone keeps it and sends it to the next edge.
    attempt: (fn) => guard.run(fn),
    receive: (connection, data) => stopping || telemetry.receive(connection, data),
    onTooLarge: () => telemetry.tooLarge(),
    onOpen: (connection) => connections.add(connection),
    onClose: (connection) => {
      connections.delete(connection);
      slots.disconnect(connection);
    },
    origins: config.origins,
    hosts: config.hosts,
    refusesConnections: () => {
      if (connections.size >= config.connectionsMax) return `${connections.size} are connected already`;
      return stopping ? "the edge is stopping" : ladder.level >= REFUSING_LEVEL ? "the edge is overloaded" : null;
    },
    replay: (range) => {
      const batches = backlog.replay(range);
      uplink.pump();
      const sum = (of: (batch: OutboundBatch) => number) => batches.reduce((total, batch) => total + of(batch), 0);
      const records = sum(({ sealed }) => sealed.records);
      return { batches: batches.length, records, bytes: sum(({ sealed }) => sealed.body.length) };
    },
    notReady: () => stopping ? "stopping" : uplink.state === "connected" ? null : "no connection to the aggregator",
    status: () => statusView(parts),
  };
  const reportLosses = () => {
    const report = uplink.state === "connected" ? ledger.report(platform.clock()) : null;
    if (report) uplink.tell({ case: "losses", value: report });
  };
  const degrade = (lagMs: number) => {
    if (!ladder.advance({ fill: backlog.fill, lagMs }, platform.clock())) return;
    const { level } = ladder;
    platform.log(level === 0 ? "info" : "warn", `level ${level}: ${LEVELS[level]}`);
    bulkWindow.setOverloaded(level > 0);
    hotPath.setShedding(SHEDDING[level] ?? 2);
  };

  return {
    app: createApp(doors),
    accept: (socket) => accept(socket, doors),
    start() {
      uplink.start();
      let lastMs = platform.clock();
      timers.push(
        platform.every(ACK_INTERVAL_MS, () => acknowledgements.send(ACK_SHARE)),
        platform.every(CHECK_INTERVAL_MS, () => {
          uplink.check();
          const nowMs = platform.clock();
          degrade(nowMs - lastMs - CHECK_INTERVAL_MS);
          lastMs = nowMs;
        }),
        platform.every(REPORT_INTERVAL_MS, () => {
          uplink.tell({ case: "status", value: edgeStatus(parts) });
          reportLosses();
          backlog.advance(platform.clock());
          losses.advance(counters);
          zones.refresh((droneId) => slots.ofDrone(droneId).length > 0);
          for (const connection of connections) connection.check(platform.clock());
          for (const slot of hotPath.evictIdle(platform.clock(), config.droneIdleMs)) slots.delete(slot);
          const waitingMs = Math.round(backlog.ageMs(platform.now()));
          sendHeartbeats({ connections, counters, serverTimeUs: nowUs(), waitingMs }, platform.clock());
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
      while (waiting() + backlog.unacknowledged > 0 && platform.clock() < untilMs) {
        lanes.drain(platform.clock());
        await pause();
      }
      acknowledgements.send();
      uplink.tell({ case: "status", value: edgeStatus(parts) });
      for (; !ledger.settled && uplink.state === "connected" && platform.clock() < untilMs; await pause()) {
        reportLosses();
      }
      for (const connection of connections) connection.close(CloseCode.goingAway, "The edge is stopping");
      while (connections.size > 0 && platform.clock() < untilMs) await pause();
      for (const cancel of timers) cancel();
      // An aggregator that does not answer the close must not hold the process.
      await Promise.race([
        uplink.stop(),
        new Promise((resolve) => cancelLimit = platform.after(STOP_CLOSE_MS, () => resolve(null))),
      ]);
      cancelLimit();
      await keeper?.settled();
    },
  };
}
