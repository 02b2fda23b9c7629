// The aggregator, put together in the order in which data flows: intake, core (journal, pipeline), sinks, API.
import { listen } from "../platform/listener.ts";
import { createApi } from "./api/api.ts";
import { fleetReport } from "./api/fleet_report.ts";
import { decodeBatch } from "./batch/columns.ts";
import type { AggregatorConfig } from "./config.ts";
import { type AggregatorPlatform, type CorePipeline, createCore } from "./core/core.ts";
import { Credit } from "./intake/credit.ts";
import { loadDecompress } from "./batch/decompress.ts";
import { deliver, keepDrones, tellAlerts } from "./sinks/delivery.ts";
import { EdgeAlerts } from "./intake/edge_alerts.ts";
import { Edges } from "./intake/edges.ts";
import { Intake } from "./intake/intake.ts";
import { FolderDisk } from "./journal/disk.ts";
import type { Journal } from "./journal/journal.ts";
import { WRITER_DEFAULTS } from "./journal/writer.ts";
import { Live } from "./api/live.ts";
import type { Output } from "./outputs.ts";
import { Presence } from "./intake/presence.ts";
import { EventFanOut } from "./sinks/events.ts";
import { type Ask, askHere } from "./sinks/history.ts";
import { HistoryThread } from "./sinks/history_thread.ts";
import { Retention } from "./sinks/retention.ts";
import { deliveryRow, lossRow } from "./sinks/rows.ts";
import { SqliteSink } from "./sinks/sqlite.ts";
import { encodeDroneAlerts } from "./warnings/drone_alert.ts";
import { Warnings } from "./warnings/warnings.ts";

const TICK_INTERVAL_MS = 100;
const FLUSH_INTERVAL_MS = 250;
const FLUSH_ROWS_MAX = 500;
const POSITIONS_INTERVAL_MS = 200;
const FLEET_INTERVAL_MS = 1000;
/** Each drone's state is kept every five seconds, one in fifty each time: all at once would hold up everything else. */
const KEEP_DRONES_INTERVAL_MS = 100;
const KEEP_DRONES_TURNS = 50;
const EXPIRE_INTERVAL_MS = 100;
const MEASURE_INTERVAL_MS = 60_000;
/** The first flush after one waits for the disk. */
const SQLITE_CHECKPOINT_INTERVAL_MS = 10_000;
/** A peer that does not answer a close does not keep the aggregator. */
const STOP_LIMIT_MS = 2000;

/** What an aggregator is made of; everything optional has the real part as its default. */
export interface AggregatorParts {
  config: AggregatorConfig;
  platform: AggregatorPlatform;
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
  const { sqlitePath: path, sqliteQueueRowsMax: queueRowsMax } = config;
  await using started = new AsyncDisposableStack();
  const disk = parts.journal || config.journalPath === ":memory:" ? null : FolderDisk.open(config.journalPath);
  started.defer(() => disk?.close());
  const sqlite = new SqliteSink({ path, queueRowsMax });
  started.defer(() => sqlite.close());
  const thread = path === ":memory:" ? null : new HistoryThread({ path, after, log });
  started.defer(() => thread?.close());
  const askHistory: Ask = thread ? (question) => thread.ask(question) : askHere(sqlite.db);
  const retention = new Retention(config, { db: sqlite.db, ask: askHistory });
  const pause = () => new Promise<void>((resolve) => void after(0, resolve));
  const events = new EventFanOut({ clientsMax: config.eventClientsMax });
  const edges = new Edges();
  const credit = new Credit();
  const decompress = await loadDecompress();
  // Edges connect after recovery: they hear then which alerts are open, and so do the drones concerned.
  let [intake, warnings]: [Intake | null, Warnings | null] = [null, null];
  let known: Pick<CorePipeline, "usedId" | "openAlertDrones"> = { usedId: (id) => id, openAlertDrones: () => [] };
  const usedId = (droneId: string) => known.usedId(droneId);
  const warn = (outputs: Output[]) => {
    warnings?.take(outputs.flatMap((output) => output.type === "alert" ? [output.alert] : []));
    tellAlerts(outputs, {
      usedId,
      openAlertDrones: () => known.openAlertDrones(),
      alertsChanged: (changes) => intake?.alertsChanged(changes),
    });
  };

  const core = await createCore({
    platform,
    disk,
    decompress,
    ...parts.journal && { journal: parts.journal },
    ...parts.pipeline && { pipeline: parts.pipeline },
    retention: { bytesMax: config.journalBytesMax, ageUs: config.journalAgeUs },
    segments: { ...WRITER_DEFAULTS, queueBytesMax: config.journalQueueBytesMax },
    warn,
    deliver: (outputs, place) => deliver(outputs, place, { sqlite, events }),
    onLosses: ({ report, ...from }) => {
      for (const loss of report.losses) sqlite.take("losses", lossRow(loss, from));
    },
    onMissed: () => intake?.resend(),
    drainSinks: () => sqlite.drain(),
    flushSinks: () => sqlite.flushDurably({ pause }),
  });
  started.defer(() => core.close());
  const { pipeline, sequencer, operations, journalView } = core;
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
    ...{ pipeline, sequencer, clock, log },
    connectionOf: (edgeId) => intake?.connectionOf(edgeId),
    edgeIds: () => intake?.edgeIds() ?? [],
  });
  const edgeAlerts = new EdgeAlerts(operations);
  intake = new Intake({ connectionsMax: config.edgesMax }, {
    nowUs: () => Math.round(nowUs()),
    clock,
    onLeft: (edgeId) => {
      presence.left(edgeId);
      edgeAlerts.left(edgeId);
    },
    onTwins: (edgeId, refusal) => edgeAlerts.twins(edgeId, refusal),
    decompress,
    decode: parts.decode ?? decodeBatch,
    sequencer,
    pipeline,
    warnings,
    edges,
    credit,
    onStatus: (edge) => edgeAlerts.judge(edge),
    log,
  });

  let stopping = false;
  const fleet = () => fleetReport({ nowUs, pipeline, edges, sqlite, events, journal: journalView, warnings, presence });
  const notReady = () => {
    if (stopping) return "stopping";
    return journalView().state === "failing" ? "the journal cannot be written" : null;
  };
  const { host, port, hosts } = config;
  const api = createApi({ pipeline, sequencer, operations, intake, askHistory, events, fleet, hosts, notReady, log });
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
    const changed = credit.adjust({ waiting: sequencer.waiting, lagMs, isKeeping: sequencer.isKeeping });
    if (changed) intake.creditChanged(changed);
    edgeAlerts.check(edges.list(), nowUs());
    operations.remind();
    warnings.check();
    if (stopping) return;
    presence.reconcile();
    // Ticks that wait for a journal that is closed are no news.
    await sequencer.tick().catch((error: unknown) => {
      if (!stopping) throw error;
    });
  };
  const timers = [
    every(TICK_INTERVAL_MS, logged("tick the pipeline", tick)),
    every(
      FLUSH_INTERVAL_MS,
      logged("flush the SQLite sink", () => sqlite.flushInTurns({ rowsMax: FLUSH_ROWS_MAX, pause })),
    ),
    every(POSITIONS_INTERVAL_MS, logged("publish positions", () => live.positions())),
    every(FLEET_INTERVAL_MS, logged("publish the fleet", () => live.fleet())),
    every(
      KEEP_DRONES_INTERVAL_MS,
      logged("keep the drones", keepSome),
    ),
    every(SQLITE_CHECKPOINT_INTERVAL_MS, () => thread?.checkpoint()),
    every(MEASURE_INTERVAL_MS, logged("find rows beyond the retention", () => retention.measure())),
    every(EXPIRE_INTERVAL_MS, logged("expire old rows", () => void retention.expireSome(nowUs()))),
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
      await limited(sequencer.settled());
      events.close();
      await limited(server.stop());
      keepDrones(pipeline.drones(), 0, sqlite);
      await limited(logged("take a checkpoint", () => core.checkpoint({ isLast: true }))());
      await parted.disposeAsync();
    },
  };
}
