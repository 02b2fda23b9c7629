// The aggregator, put together in the order in which data flows: intake, core (journal, pipeline), sinks, API.
import { listen } from "../platform/listener.ts";
import { createApi } from "./api.ts";
import { fleetReport } from "./api/fleet_report.ts";
import { decodeBatch } from "./columns.ts";
import type { AggregatorConfig } from "./config.ts";
import { type CorePipeline, createCore } from "./core.ts";
import { Credit } from "./credit.ts";
import { loadDecompress } from "./decompress.ts";
import { deliver, keepDrones } from "./delivery.ts";
import { Edges, type EdgeView } from "./edges.ts";
import { Intake } from "./intake.ts";
import { FolderDisk } from "./journal/disk.ts";
import type { Journal } from "./journal/journal.ts";
import { Live } from "./live.ts";
import type { Operations } from "./operations.ts";
import type { Output } from "./pipeline/outputs.ts";
import type { Platform } from "./platform.ts";
import { Presence } from "./presence.ts";
import { EventFanOut } from "./sinks/events.ts";
import { History } from "./sinks/history.ts";
import { deliveryRow, lossRow } from "./sinks/rows.ts";
import { SqliteSink } from "./sinks/sqlite.ts";
import { encodeDroneAlerts } from "./warnings/drone_alert.ts";
import { Warnings } from "./warnings/warnings.ts";

const TICK_INTERVAL_MS = 100;
const FLUSH_INTERVAL_MS = 250;
const POSITIONS_INTERVAL_MS = 200;
const FLEET_INTERVAL_MS = 1000;
/** Each drone's state is kept every five seconds, one in fifty each time: all at once would hold up everything else. */
const KEEP_DRONES_INTERVAL_MS = 100;
const KEEP_DRONES_TURNS = 50;
const EXPIRE_INTERVAL_MS = 60_000;
/** A peer that does not answer a close does not keep the aggregator. */
const STOP_LIMIT_MS = 2000;
/** From this level on an edge gives data up. */
const SHEDDING_LEVEL = 2;

/** What an aggregator is made of; everything optional has the real part as its default. */
export interface AggregatorParts {
  config: AggregatorConfig;
  platform: Platform;
  /** Instead of the journal that the configuration names. */
  journal?: Journal;
  pipeline?: CorePipeline;
  decode?: typeof decodeBatch;
}

/** A running aggregator. */
export interface Aggregator {
  /** http://HOST:PORT */
  url: string;
  pipeline: CorePipeline;
  /** Closes all connections with 1001 and writes what waits for the sinks. */
  stop: () => Promise<void>;
}

/**
 * Recovers what the journal holds, then listens.
 * @throws {Deno.errors.AddrInUse} when the port is taken; nothing is left open then
 * @throws {Error} when another process has the journal, or it cannot be read
 */
export async function startAggregator({ config, platform, ...parts }: AggregatorParts): Promise<Aggregator> {
  const { nowUs, clock, every, after, log } = platform;
  const { sqlitePath: path, sqliteQueueRowsMax: queueRowsMax, retentionUs, retentionRowsMax } = config;
  await using started = new AsyncDisposableStack();
  const disk = parts.journal || config.journalPath === ":memory:" ? null : FolderDisk.open(config.journalPath);
  started.defer(() => disk?.close());
  const sqlite = new SqliteSink({ path, queueRowsMax, retentionUs, retentionRowsMax });
  started.defer(() => sqlite.close());
  const events = new EventFanOut({ clientsMax: config.eventClientsMax });
  const edges = new Edges();
  const credit = new Credit();
  const decompress = await loadDecompress();
  // Edges connect after recovery: they hear then which alerts are open, and so do the drones concerned.
  let [intake, warnings]: [Intake | null, Warnings | null] = [null, null];
  let known: Pick<CorePipeline, "usedId" | "openAlertDrones"> = { usedId: (id) => id, openAlertDrones: () => [] };
  const usedId = (droneId: string) => known.usedId(droneId);
  const alertsChanged: Intake["alertsChanged"] = (changes) => intake?.alertsChanged(changes);
  const warn = (outputs: Output[]) =>
    warnings?.take(outputs.flatMap((output) => output.type === "alert" ? [output.alert] : []));

  const core = await createCore({
    platform,
    disk,
    decompress,
    ...parts.journal && { journal: parts.journal },
    ...parts.pipeline && { pipeline: parts.pipeline },
    retention: { bytesMax: config.journalBytesMax, ageUs: config.journalAgeUs },
    warn,
    deliver: (outputs, place) => {
      deliver(outputs, place, {
        sqlite,
        events,
        usedId,
        openAlertDrones: () => known.openAlertDrones(),
        alertsChanged,
      });
    },
    onLosses: ({ report, ...from }) => {
      for (const loss of report.losses) sqlite.take("losses", lossRow(loss, from));
    },
    flushSinks: () => sqlite.flushDurably(),
  });
  started.defer(() => core.close());
  const { pipeline, inlet, operations, journalView } = core;
  known = pipeline;
  warnings = new Warnings({
    nowUs: () => Math.round(nowUs()),
    clock,
    usedId,
    edgeOf: (droneId) => pipeline.edgeOf(droneId),
    edges: () => intake?.edgeIds() ?? [],
    send: (edgeId, warnings) => intake?.send(edgeId, encodeDroneAlerts(warnings)),
    openAlerts: () => pipeline.openAlerts(),
    onReport: (report) => {
      sqlite.take("deliveries", deliveryRow(report, { journalId: journalView().journalId, atUs: Math.round(nowUs()) }));
      events.publish("delivery", report);
    },
  });
  const presence = new Presence({
    ...{ pipeline, inlet, clock, log },
    connectionOf: (edgeId) => intake?.connectionOf(edgeId),
    edgeIds: () => intake?.edgeIds() ?? [],
  });
  intake = new Intake({ connectionsMax: config.edgesMax }, {
    nowUs: () => Math.round(nowUs()),
    clock,
    onLeft: (edgeId) => presence.left(edgeId),
    onTwins: (edgeId, refusal) => judgeTwins(edgeId, refusal, operations),
    decompress,
    decode: parts.decode ?? decodeBatch,
    inlet,
    pipeline,
    warnings,
    edges,
    credit,
    onStatus: (edge) => judgeEdge(edge, operations),
    log,
  });

  let stopping = false;
  const fleet = () => fleetReport({ nowUs, pipeline, edges, sqlite, events, journal: journalView, warnings });
  const notReady = () => {
    if (stopping) return "stopping";
    return journalView().state === "failing" ? "the journal cannot be written" : null;
  };
  const history = new History(sqlite.db);
  const api = createApi({ pipeline, inlet, operations, intake, history, events, fleet, notReady, log });
  const { host, port } = config;
  const server = listen({ host, port, every, log }, (request) => api.fetch(request));

  const logged = (what: string, fn: () => void | Promise<void>) => async () => {
    try {
      await fn();
    } catch (error) {
      log("warn", `Cannot ${what}: ${error instanceof Error ? error.stack : error}`);
    }
  };
  const live = new Live({ nowUs, pipeline, events, fleet });
  let turn = 0;
  const keepSome = () => {
    const mine = turn++ % KEEP_DRONES_TURNS;
    const sinceUs = nowUs() - 2 * KEEP_DRONES_TURNS * KEEP_DRONES_INTERVAL_MS * 1000;
    keepDrones(pipeline.drones().filter((_, i) => i % KEEP_DRONES_TURNS === mine), sinceUs, sqlite);
  };
  let tickedUs = nowUs();
  const tick = async () => {
    const lagMs = (nowUs() - tickedUs) / 1000 - TICK_INTERVAL_MS;
    tickedUs = nowUs();
    const changed = credit.adjust({ waiting: inlet.waiting, lagMs });
    if (changed) intake.creditChanged(changed);
    operations.remind();
    warnings.check();
    if (stopping) return;
    presence.reconcile();
    await inlet.tick();
  };
  const timers = [
    every(TICK_INTERVAL_MS, logged("tick the pipeline", tick)),
    every(FLUSH_INTERVAL_MS, logged("flush the SQLite sink", () => sqlite.flush())),
    every(POSITIONS_INTERVAL_MS, logged("publish positions", () => live.positions())),
    every(FLEET_INTERVAL_MS, logged("publish the fleet", () => live.fleet())),
    every(
      KEEP_DRONES_INTERVAL_MS,
      logged("keep the drones", keepSome),
    ),
    every(EXPIRE_INTERVAL_MS, logged("expire old rows", () => sqlite.expire(nowUs()))),
    every(config.checkpointMs, logged("take a checkpoint", () => core.checkpoint())),
  ];

  const limited = (work: Promise<void>) => {
    const limit = Promise.withResolvers<void>();
    const cancel = after(STOP_LIMIT_MS, limit.resolve);
    return Promise.race([work, limit.promise]).finally(cancel);
  };
  const parted = started.move();
  return {
    url: server.url,
    pipeline,
    async stop() {
      if (stopping) return;
      stopping = true;
      for (const cancel of timers) cancel();
      await limited(intake.stop());
      await limited(inlet.settled());
      events.close();
      await limited(server.stop());
      keepDrones(pipeline.drones(), 0, sqlite);
      await limited(logged("take a checkpoint", () => core.checkpoint({ isLast: true }))());
      await parted.disposeAsync();
    },
  };
}

/** An edge that gives data up is everybody's business. */
function judgeEdge({ edgeId, status }: EdgeView, operations: Operations): void {
  const level = status?.level ?? 0;
  const key = `edge/${edgeId}`;
  if (level < SHEDDING_LEVEL) return operations.restored(key);
  const message = `${edgeId} is overloaded (level ${level} of 4) and gives up bulk records; see /v1/losses`;
  operations.degraded(key, { message, severity: level > SHEDDING_LEVEL ? "critical" : "warning" });
}

/** Two edges that go by one id are one too many. */
function judgeTwins(edgeId: string, refusal: string | null, operations: Operations): void {
  const key = `edge-id/${edgeId}`;
  if (refusal === null) return operations.restored(key);
  operations.happened(key, { message: `${refusal}: the one that came later is refused`, severity: "critical" });
}
