// The aggregator, put together in the order in which data flows: intake, inlet (journal, pipeline), sinks, API.
import { createApi } from "./api.ts";
import { fleetReport } from "./api/fleet_report.ts";
import { decodeBatch } from "./columns.ts";
import type { AggregatorConfig } from "./config.ts";
import { loadDecompress } from "./decompress.ts";
import { deliver, keepDrones } from "./delivery.ts";
import { Edges } from "./edges.ts";
import { Inlet } from "./inlet.ts";
import { Intake } from "./intake.ts";
import { type Journal, volatileJournal } from "./journal.ts";
import { Live } from "./live.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "./pipeline/pipeline.ts";
import type { Platform } from "./platform.ts";
import { EventFanOut } from "./sinks/events.ts";
import { History } from "./sinks/history.ts";
import { lossRow } from "./sinks/rows.ts";
import { SqliteSink } from "./sinks/sqlite.ts";

const TICK_INTERVAL_MS = 100;
const FLUSH_INTERVAL_MS = 250;
const POSITIONS_INTERVAL_MS = 200;
const FLEET_INTERVAL_MS = 1000;
const KEEP_DRONES_INTERVAL_MS = 5000;
const EXPIRE_INTERVAL_MS = 60_000;
/** A peer that does not answer a close does not keep the aggregator. */
const STOP_LIMIT_MS = 2000;

type PipelinePart = Pick<
  Pipeline,
  | "step"
  | "tick"
  | "acknowledgeAlert"
  | "fleet"
  | "drones"
  | "drone"
  | "openAlerts"
  | "openAlertDrones"
  | "sessionKnown"
>;

/** What an aggregator is made of; everything optional has the real part as its default. */
export interface AggregatorParts {
  config: AggregatorConfig;
  platform: Platform;
  journal?: Journal;
  /** Names the journal; by default the time of the start, as a volatile one lives no longer. */
  journalId?: string;
  pipeline?: PipelinePart;
  decode?: typeof decodeBatch;
}

/** A running aggregator. */
export interface Aggregator {
  /** http://HOST:PORT */
  url: string;
  pipeline: PipelinePart;
  /** Closes all connections with 1001 and writes what waits for the sinks. */
  stop: () => Promise<void>;
}

/** @throws {Deno.errors.AddrInUse} when the port is taken; nothing is left open then. */
export async function startAggregator({ config, platform, ...parts }: AggregatorParts): Promise<Aggregator> {
  const { nowUs, every, after, log } = platform;
  const journal = parts.journal ?? volatileJournal;
  const journalId = parts.journalId ?? `volatile-${Math.round(nowUs())}`;
  const pipeline = parts.pipeline ?? new Pipeline(PIPELINE_DEFAULTS);
  const decompress = await loadDecompress();

  const { sqlitePath: path, sqliteQueueRowsMax: queueRowsMax, retentionUs, retentionRowsMax } = config;
  const sqlite = new SqliteSink({ path, queueRowsMax, retentionUs, retentionRowsMax });
  const events = new EventFanOut({ clientsMax: config.eventClientsMax });
  const edges = new Edges();
  const inlet = new Inlet({
    nowUs,
    journal,
    pipeline,
    deliver: (outputs, atUs) => deliver(outputs, atUs, { journalId, sqlite, events, intake }),
  });
  const intake = new Intake({ connectionsMax: config.edgesMax }, {
    nowUs: () => Math.round(nowUs()),
    decompress,
    decode: parts.decode ?? decodeBatch,
    inlet,
    pipeline,
    edges,
    onLosses: (losses, from) => {
      for (const loss of losses) sqlite.take("losses", lossRow(loss, from));
    },
    log,
  });

  let stopping = false;
  const fleet = () => fleetReport({ nowUs, pipeline, edges, sqlite, events });
  const notReady = () => stopping ? "stopping" : null;
  const history = new History(sqlite.db);
  const api = createApi({ pipeline, inlet, intake, history, events, fleet, notReady, log });
  const server = serve(config, api.fetch, sqlite);

  const logged = (what: string, fn: () => void | Promise<void>) => async () => {
    try {
      await fn();
    } catch (error) {
      log("warn", `Cannot ${what}: ${error instanceof Error ? error.stack : error}`);
    }
  };
  const live = new Live({ pipeline, events, fleet });
  let keptUs = 0;
  const keep = () => {
    const sinceUs = keptUs;
    keptUs = nowUs();
    keepDrones(pipeline.drones(), sinceUs, sqlite);
  };
  const timers = [
    every(TICK_INTERVAL_MS, logged("tick the pipeline", () => inlet.tick())),
    every(FLUSH_INTERVAL_MS, logged("flush the SQLite sink", () => sqlite.flush())),
    every(POSITIONS_INTERVAL_MS, logged("publish positions", () => live.positions())),
    every(FLEET_INTERVAL_MS, logged("publish the fleet", () => live.fleet())),
    every(KEEP_DRONES_INTERVAL_MS, logged("keep the drones", keep)),
    every(EXPIRE_INTERVAL_MS, logged("expire old rows", () => sqlite.expire(nowUs()))),
  ];

  const limited = (work: Promise<void>) => {
    const limit = Promise.withResolvers<void>();
    const cancel = after(STOP_LIMIT_MS, limit.resolve);
    return Promise.race([work, limit.promise]).finally(cancel);
  };
  return {
    url: `http://${server.addr.hostname}:${server.addr.port}`,
    pipeline,
    async stop() {
      if (stopping) return;
      stopping = true;
      for (const cancel of timers) cancel();
      await limited(intake.stop());
      await limited(inlet.settled());
      events.close();
      await limited(server.shutdown());
      keep();
      sqlite.close();
    },
  };
}

function serve(
  { host: hostname, port }: AggregatorConfig,
  fetch: (request: Request) => Response | Promise<Response>,
  sqlite: SqliteSink,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname, port, onListen: () => {} }, (request) => fetch(request));
  } catch (error) {
    sqlite.close();
    throw error;
  }
}
