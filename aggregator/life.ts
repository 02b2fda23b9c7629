// What an aggregator does by the clock, and how it stops: it closes its connections, and has all that waits written.
import type { Entrance } from "../identity/open.ts";
import type { AggregatorConfig } from "./config.ts";
import type { Live } from "./api/live.ts";
import type { AggregatorPlatform, Core } from "./core/core.ts";
import { recordDenials } from "./core/denied.ts";
import { recordStart } from "./core/started.ts";
import type { EdgeSide } from "./intake/edge_side.ts";
import { LOOK_INTERVAL_MS } from "./intake/scaling.ts";
import type { Sinks } from "./sinks/sinks.ts";
import type { Warnings } from "./warnings/warnings.ts";

const TICK_INTERVAL_MS = 100;
const FLUSH_INTERVAL_MS = 250;
const POSITIONS_INTERVAL_MS = 200;
const FLEET_INTERVAL_MS = 1000;
/** Each drone's state is kept every five seconds, one in fifty each time: all at once would hold up everything else. */
const KEEP_DRONES_INTERVAL_MS = 100;
const KEEP_DRONES_TURNS = 50;
const EXPIRE_INTERVAL_MS = 100;
const MEASURE_INTERVAL_MS = 60_000;
/** The first flush after one waits for the disk. */
const SQLITE_CHECKPOINT_INTERVAL_MS = 10_000;
/** It is recorded at once; after a start with a journal that fails, when that goes on. */
const START_INTERVAL_MS = 1000;
const DENIALS_INTERVAL_MS = 1000;
/** A peer that does not answer a close does not keep the aggregator. */
const STOP_LIMIT_MS = 2000;

/** Everything that has something to do by the clock, or before the end. */
export interface LifeParts {
  config: Pick<AggregatorConfig, "checkpointMs" | "environment">;
  gate: Pick<Entrance, "denials">;
  platform: AggregatorPlatform;
  core: Core;
  edgeSide: EdgeSide;
  warnings: Warnings;
  sinks: Sinks;
  live: Live;
  isStopping: () => boolean;
}

/** Begins what is done each so often. @returns what ends it */
export function keepUp(parts: LifeParts): () => void {
  const { platform: { every, nowUs, log }, core, sinks, live, isStopping } = parts;
  const { sqlite, retention } = sinks;
  const each = (ms: number, what: string, fn: () => void | Promise<void>) => every(ms, attempted(log, what, fn));
  let turn = 0;
  const keepSome = () => {
    const mine = turn++ % KEEP_DRONES_TURNS;
    const sinceUs = nowUs() - 2 * KEEP_DRONES_TURNS * KEEP_DRONES_INTERVAL_MS * 1000;
    sqlite.keepDrones(core.pipeline.drones().filter((_, i) => i % KEEP_DRONES_TURNS === mine), sinceUs);
  };
  let tickedUs = nowUs();
  const tick = async () => {
    const lagMs = (nowUs() - tickedUs) / 1000 - TICK_INTERVAL_MS;
    tickedUs = nowUs();
    parts.edgeSide.check(lagMs);
    core.operations.remind();
    parts.warnings.check();
    if (isStopping()) return;
    parts.edgeSide.presence.reconcile();
    // Ticks that wait for a journal that is closed are no news.
    await core.sequencer.tick().catch((error: unknown) => {
      if (!isStopping()) throw error;
    });
  };
  const recordIt = () => recordStart({ ...core, environment: parts.config.environment });
  attempted(log, "record the start", recordIt)();
  const { operations } = core;
  sinks.begin({ journalId: core.journalView().journalId, atUs: Math.round(nowUs()), operations });
  const timers = [
    each(TICK_INTERVAL_MS, "tick the pipeline", tick),
    each(FLUSH_INTERVAL_MS, "flush the SQLite sink", sinks.flush),
    each(POSITIONS_INTERVAL_MS, "publish positions", () => live.positions()),
    each(FLEET_INTERVAL_MS, "publish the fleet", () => live.fleet()),
    each(KEEP_DRONES_INTERVAL_MS, "keep the drones", keepSome),
    each(SQLITE_CHECKPOINT_INTERVAL_MS, "checkpoint the database", sinks.checkpointSqlite),
    each(MEASURE_INTERVAL_MS, "find rows beyond the retention", () => retention.measure()),
    each(EXPIRE_INTERVAL_MS, "expire old rows", () => {
      if (!sinks.isErasing()) retention.expireSome(nowUs());
    }),
    each(LOOK_INTERVAL_MS, "see how many replicas are wanted", () => parts.edgeSide.scaling.look()),
    each(START_INTERVAL_MS, "record the start", recordIt),
    each(DENIALS_INTERVAL_MS, "record who was not let in", () => {
      recordDenials({ ...core, ...parts.platform }, { where: "aggregator", denials: parts.gate.denials.take() });
    }),
    each(parts.config.checkpointMs, "take a checkpoint", () => core.checkpoint()),
  ];
  return () => {
    for (const cancel of timers) cancel();
  };
}

/** Closes all connections, then writes what waits and takes a last checkpoint; no step takes longer than two seconds. */
export async function windUp(parts: LifeParts, stopServer: () => Promise<void>): Promise<void> {
  const { platform: { after, log }, core, edgeSide, sinks } = parts;
  const limited = (work: Promise<void>) => {
    const limit = Promise.withResolvers<void>();
    const cancel = after(STOP_LIMIT_MS, limit.resolve);
    return Promise.race([work, limit.promise]).finally(cancel);
  };
  await limited(edgeSide.intake.stop());
  await limited(core.sequencer.settled());
  sinks.events.close();
  await limited(stopServer());
  sinks.sqlite.keepDrones(core.pipeline.drones(), 0);
  await limited(attempted(log, "take a checkpoint", () => core.checkpoint({ isLast: true }))());
}

function attempted(log: AggregatorPlatform["log"], what: string, fn: () => void | Promise<void>) {
  return async () => {
    try {
      await fn();
    } catch (error) {
      log("warn", `Cannot ${what}: ${error instanceof Error ? error.stack : error}`);
    }
  };
}
