// What an edge does by the clock, and how it stops: it hands over what it has, says so to its drones, and closes.
import type { Entrance } from "../identity/open.ts";
import type { CpuUse } from "../platform/cpu_use.ts";
import type { Scaler } from "../platform/scaler.ts";
import type { Platform } from "../platform/system.ts";
import { CloseCode } from "../proto/words.ts";
import type { HotPath } from "../wasm/hot_path.ts";
import { LaneIndex } from "../wasm/limits.ts";
import type { EdgeConfig } from "./config.ts";
import type { Doors } from "./ingest/doors.ts";
import type { Drones } from "./drones/drones.ts";
import { sendHeartbeats } from "./drones/heartbeats.ts";
import type { BulkWindow } from "./lanes/bulk_window.ts";
import type { LaneClock } from "./lanes/lane_clock.ts";
import type { Lanes } from "./lanes/lanes.ts";
import type { Ledger } from "./overload/ledger.ts";
import type { LossLog } from "./overload/loss_log.ts";
import type { ReportParts } from "./metrics/measures.ts";
import { ownLoad } from "./metrics/scale.ts";
import { edgeStatus } from "./report.ts";
import type { Handover } from "./uplink/handover.ts";

/** A part of the drones hears what was acknowledged each time: all at once would hold up everything else. */
const ACK_INTERVAL_MS = 20;
const ACK_SHARE = 0.05;
const CHECK_INTERVAL_MS = 200;
const REPORT_INTERVAL_MS = 1000;
/** Drones that know another edge connect there meanwhile, and are still heard here: for a part of the time for a stop. */
const LEAVE_SHARE = 1 / 8;
const LEAVE_MS_MAX = 500;
const STOP_POLL_MS = 5;
const STOP_CLOSE_MS = 500;

/** Everything that has something to do by the clock, or before the end. */
export interface LifeParts {
  config: EdgeConfig;
  platform: Platform;
  hotPath: HotPath;
  drones: Drones;
  handover: Handover;
  lanes: Lanes;
  laneClock: LaneClock;
  bulkWindow: BulkWindow;
  cpu: CpuUse;
  scaler: Scaler;
  ledger: Ledger;
  losses: LossLog;
  gate: Pick<Entrance, "denials">;
  report: ReportParts;
  doors: Pick<Doors, "mqtt" | "mavlink" | "traffic">;
}

/** Begins what is done each so often. @returns what ends it */
export function keepUp(parts: LifeParts): () => void {
  const { config, platform, hotPath, drones, handover: { uplink, backlog }, losses, report } = parts;
  const { clock, every } = platform;
  const { connections, slots, zones, acknowledgements } = drones;
  const { counters } = report;
  let lastMs = clock();
  const check = () => {
    uplink.check();
    const nowMs = clock();
    parts.cpu.look(nowMs);
    degrade(parts, nowMs - lastMs - CHECK_INTERVAL_MS);
    lastMs = nowMs;
  };
  let tidiedMs = clock();
  const tidy = () => {
    const nowMs = clock();
    parts.scaler.look(ownLoad(report, { lagMs: Math.max(0, nowMs - tidiedMs - REPORT_INTERVAL_MS) }), nowMs);
    tidiedMs = nowMs;
    uplink.tell({ case: "status", value: edgeStatus(report) });
    reportLosses(parts);
    reportDenials(parts);
    backlog.advance(clock());
    losses.advance(counters, parts.ledger);
    zones.refresh((droneId) => slots.ofDrone(droneId).length > 0);
    for (const connection of connections) connection.check(clock());
    parts.doors.mqtt.check();
    parts.doors.mavlink.check();
    parts.doors.traffic.check();
    for (const slot of hotPath.evictIdle(clock(), config.droneIdleMs)) slots.delete(slot);
    heartbeat(parts, { stopping: false });
  };
  const timers = [
    every(ACK_INTERVAL_MS, () => acknowledgements.send(ACK_SHARE)),
    every(CHECK_INTERVAL_MS, check),
    every(REPORT_INTERVAL_MS, tidy),
    parts.doors.traffic.hear(),
  ];
  return () => {
    for (const cancel of timers) cancel();
  };
}

/**
 * Has the drones go elsewhere that can, then hands over what there is, closes the sockets of the others, and the uplink; at most
 * `limitMs`. From `takeNoMore` on nothing comes.
 */
export async function handOver(
  parts: LifeParts,
  { limitMs, takeNoMore }: { limitMs: number; takeNoMore: () => void },
): Promise<void> {
  const { platform: { clock, after }, hotPath, drones: { connections, acknowledgements }, handover, lanes } = parts;
  const { uplink, backlog, keeper } = handover;
  const untilMs = clock() + limitMs;
  const leftMs = clock() + Math.min(LEAVE_MS_MAX, limitMs * LEAVE_SHARE);
  const pause = () => new Promise<void>((resolve) => after(STOP_POLL_MS, resolve));
  heartbeat(parts, { stopping: true });
  while (connections.size > 0 && clock() < leftMs) await pause();
  takeNoMore();
  parts.laneClock.stop();
  const waiting = () => hotPath.waiting(LaneIndex.safety) + hotPath.waiting(LaneIndex.bulk);
  while (waiting() + backlog.unacknowledged > 0 && clock() < untilMs) {
    lanes.drain(clock());
    await pause();
  }
  acknowledgements.send();
  uplink.tell({ case: "status", value: edgeStatus(parts.report) });
  for (; !parts.ledger.settled && uplink.state === "connected" && clock() < untilMs; await pause()) reportLosses(parts);
  for (const connection of connections) connection.close(CloseCode.goingAway, "The edge is stopping");
  while (connections.size > 0 && clock() < untilMs) await pause();
  // An aggregator that does not answer the close must not hold the process.
  const limit = Promise.withResolvers<void>();
  const cancelLimit = after(STOP_CLOSE_MS, limit.resolve);
  await Promise.race([uplink.stop(), limit.promise]);
  cancelLimit();
  await keeper?.settled();
}

function heartbeat({ platform, drones, handover, report }: LifeParts, { stopping }: { stopping: boolean }): void {
  const { backlog, uplink } = handover;
  const serverTimeUs = BigInt(Math.floor(platform.now() * 1000));
  const waitingMs = Math.round(backlog.ageMs(platform.now()));
  const told = { serverTimeUs, waitingMs, cutOff: uplink.state !== "connected", stopping };
  sendHeartbeats({ connections: drones.connections, counters: report.counters, ...told }, platform.clock());
}

function reportLosses({ ledger, handover: { uplink }, platform }: LifeParts): void {
  const report = uplink.state === "connected" ? ledger.report(platform.clock()) : null;
  if (report) uplink.tell({ case: "losses", value: report });
}

// The aggregator has who was not let in on record.
function reportDenials({ gate, handover: { uplink } }: LifeParts): void {
  const told = uplink.state === "connected" ? gate.denials.take() : [];
  if (told.length > 0) uplink.tell({ case: "denials", value: { denials: told } });
}

function degrade(
  { report: { ladder }, handover: { backlog }, platform, bulkWindow, cpu, hotPath }: LifeParts,
  lagMs: number,
) {
  const isChanged = ladder.advance({ fill: backlog.fill, lagMs }, platform.clock());
  bulkWindow.setOverloaded(ladder.now.stretched || cpu.isBusy);
  if (!isChanged) return;
  const { name, shedding } = ladder.now;
  platform.log(ladder.level === 0 ? "info" : "warn", `level ${ladder.level}: ${name}`);
  hotPath.setShedding(shedding);
}
