// The edge, assembled in the order in which data flows:
// socket → telemetry (hot path) → lanes → sealing → uplink, and back: uplink → acknowledgements, warnings → socket.
import { type Entrance, openGate } from "../identity/open.ts";
import { Guard } from "../platform/guard.ts";
import { Refusals } from "../platform/server/refusals.ts";
import type { Platform } from "../platform/system.ts";
import { FRAME_RECORDS_MAX } from "../proto/words.ts";
import { HotPath } from "../wasm/hot_path.ts";
import type { EdgeConfig } from "./config.ts";
import { zeroCounters } from "./counters.ts";
import { createDrones } from "./drones/drones.ts";
import { createApp, type EdgeApp } from "./ingest/app.ts";
import { type Doors, doorsOf } from "./ingest/doors.ts";
import { readKeys } from "./ingest/mavlink/keys.ts";
import { Tally } from "./ingest/mavlink/tally.ts";
import { Telemetry } from "./ingest/telemetry.ts";
import { BulkWindow } from "./lanes/bulk_window.ts";
import { lateCompress } from "./lanes/compression.ts";
import { LaneClock } from "./lanes/lane_clock.ts";
import { Lanes, lanesSettings } from "./lanes/lanes.ts";
import { sealLane } from "./lanes/sealing.ts";
import { handOver, keepUp } from "./life.ts";
import type { OfNode } from "./member/member.ts";
import { type Measurable, ownNeed } from "./metrics/scale.ts";
import { Ladder } from "./overload/ladder.ts";
import { Ledger } from "./overload/ledger.ts";
import { LossLog } from "./overload/loss_log.ts";
import type { Traced } from "./tracing/edge_traces.ts";
import { type Connect, createHandover } from "./uplink/handover.ts";

/** What an edge needs of the machine it runs on. */
export interface EdgePlatform extends Platform, OfNode, Measurable, Traced {
  connect: Connect;
}

export interface Edge {
  app: EdgeApp;
  /** Where its server counts who did not even get to the app. */
  refusals: Refusals;
  /** How its server is to end TLS; null: it is not. */
  tls: Entrance["tls"];
  /** What the app does with a drone's socket after an upgrade, and with one that is to speak MQTT or MAVLink. */
  accept: Doors["accept"];
  mqtt: Doors["mqtt"];
  mavlink: Doors["mavlink"];
  /** Connects to the aggregator and starts the clocks. */
  start: () => void;
  /** Has its drones leave, takes no more, hands over what it has, closes their sockets; at most `limitMs`. */
  stop: (limitMs: number) => Promise<void>;
}

/** Resolves when what an earlier process left behind is back. */
export async function createEdge(config: EdgeConfig, of: EdgePlatform, kv: Deno.Kv | null = null): Promise<Edge> {
  const guard = new Guard(of);
  const platform = guard.over(of);
  const attempt = (fn: () => void) => guard.run(fn);
  const nowUs = () => BigInt(Math.floor(platform.now() * 1000));
  const [session, counters, own] = [nowUs(), zeroCounters(), ownNeed(of)];
  const [ledger, losses] = [new Ledger(counters), new LossLog(platform)];
  const [ladder, refusals, bulkWindow, mavlink] = [new Ladder(), new Refusals(), new BulkWindow(), new Tally()];
  const mavlinkKeys = await readKeys(config.mavlink.keysPath);
  const gate = await openGate(config.identity, { platform, shared: config.sharedAddresses });
  const onTrap = (error: unknown) => losses.trapped(error, counters);
  const hotPath = await HotPath.load({ ...config, hashSeed: Math.floor(platform.random() * 2 ** 32), onTrap });
  const frameRecordsMax = Math.min(FRAME_RECORDS_MAX, config.droneBurst, config.nodeBurst);

  const { now, clock, fillRandom, traces } = platform;
  const drones = await createDrones({
    ...{ config, kv, hotPath, counters, ledger, platform, gate, nowUs, traces, attempt },
    tell: (receipts) => uplink.tell({ case: "alertReceipts", value: { receipts } }),
  });
  const onWaiting = () => laneClock.wake();
  const telemetry = new Telemetry({
    ...{ ...drones, hotPath, ledger, losses, counters, gate, traces, frameRecordsMax, now, clock, onWaiting },
  });

  const compression = lateCompress((error) => platform.log("warn", `Cannot compress batches: ${error}`));
  const handover = await createHandover({
    ...{ config, platform, session, counters, hotPath, drones, ledger, losses, bulkWindow, nowUs, attempt },
    ...{ kv: of.backlogKv ?? kv, connect: of.connect, traces, onRoom: onWaiting },
  });
  const { uplink, backlog, breaker } = handover;
  const sealing = { hotPath, compress: compression.compress, counters, fillRandom, onUnsealable: handover.unsealable };
  const lanes = new Lanes({
    waiting: (lane) => hotPath.waiting(lane),
    canSeal: handover.makeRoom,
    bulkWindowMs: () => bulkWindow.ms,
    seal: (lane, how) => {
      const batch = sealLane(lane, { ...sealing, ...how, nowMs: now() });
      if (batch) handover.take(batch);
    },
  }, lanesSettings(() => uplink.state === "connected"));
  const laneClock = new LaneClock(lanes, platform);

  const measured = { uplink, backlog, breaker, ladder, refusals, gate, mavlink };
  const report = { config, session, counters, now, ...drones, ...measured, ...own };
  const shared = { config, platform, gate, hotPath, drones, handover, ledger, report };
  const [leaving, stopping, ended] = [new AbortController(), new AbortController(), new AbortController()];
  const doors = doorsOf({
    ...{ ...shared, session, nowUs, attempt, telemetry, frameRecordsMax, ladder, counters, losses, mavlinkKeys },
    ...{ isLeaving: () => leaving.signal.aborted, isStopping: () => stopping.signal.aborted },
  });
  const life = { ...shared, ...own, lanes, laneClock, bulkWindow, losses, doors };
  return {
    ...{ app: createApp(doors), tls: gate.tls, refusals },
    ...{ accept: doors.accept, mqtt: doors.mqtt, mavlink: doors.mavlink },
    start() {
      compression.load();
      uplink.start();
      ended.signal.addEventListener("abort", keepUp(life));
    },
    async stop(limitMs) {
      leaving.abort();
      const handedOver = handOver(life, { limitMs, takeNoMore: () => stopping.abort() });
      await Promise.all([handedOver, compression.settled()]);
      ended.abort();
      gate.close();
    },
  };
}
