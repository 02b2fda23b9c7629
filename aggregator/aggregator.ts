// The aggregator, put together in the order in which data flows: intake, core (journal, pipeline), sinks, API.
import { openGate } from "../identity/open.ts";
import { Refusals } from "../platform/server/refusals.ts";
import { fleetReport } from "./api/fleet_report.ts";
import { Live } from "./api/live.ts";
import { decodeBatch } from "./batch/columns.ts";
import { loadDecompress } from "./batch/decompress.ts";
import type { AggregatorConfig } from "./config.ts";
import { type AggregatorPlatform, type Core, type CorePipeline, createCore } from "./core/core.ts";
import { type AggregatorServing, serveAggregator } from "./api/serving.ts";
import { createEdgeSide } from "./intake/edge_side.ts";
import { tellAlerts } from "./intake/tell_alerts.ts";
import { FolderDisk } from "./journal/disk.ts";
import type { Journal } from "./journal/journal.ts";
import { WRITER_DEFAULTS } from "./journal/writer.ts";
import { keepUp, windUp } from "./life.ts";
import { openSinks } from "./sinks/sinks.ts";
import { encodeDroneAlerts } from "./warnings/drone_alert.ts";
import { Warnings } from "./warnings/warnings.ts";

/** What an aggregator is made of; everything optional has the real part as its default. */
export interface AggregatorParts extends Pick<AggregatorServing, "tls"> {
  config: AggregatorConfig;
  platform: AggregatorPlatform & AggregatorServing["platform"];
  /** Instead of the journal that the configuration names. */
  journal?: Journal;
  pipeline?: CorePipeline;
  decode?: typeof decodeBatch;
}

/** A running aggregator. */
export interface Aggregator {
  /** http://HOST:PORT, or https:// */
  url: string;
  /** By which somebody may sign in for an hour where no token keys are set; null: nobody needs to, or others sign tokens. */
  adminToken: string | null;
  pipeline: CorePipeline;
  erase: Core["erase"];
  /** Closes all connections with 1001 and writes what waits for the sinks. */
  stop: () => Promise<void>;
}

/**
 * Recovers what the journal holds, then listens.
 * @throws {Deno.errors.AddrInUse} when the port is taken; nothing is left open then
 * @throws {Error} when another process has the journal, or it cannot be read
 */
export async function startAggregator({ config, platform, ...parts }: AggregatorParts): Promise<Aggregator> {
  const { clock, log, pseudonym, cpuMs, traces } = platform;
  const nowUs = () => Math.round(platform.nowUs());
  await using started = new AsyncDisposableStack();
  const disk = parts.journal || config.journalPath === ":memory:" ? null : FolderDisk.open(config.journalPath);
  started.defer(() => disk?.close());
  const sinks = openSinks(config, platform);
  started.defer(() => sinks.close());
  const { sqlite, events } = sinks;
  const [decompress, now] = [await loadDecompress(), () => nowUs() / 1000];
  const { identity, region, sharedAddresses: shared } = config;
  const gate = await openGate(identity, { platform: { ...platform, now }, shared, signsOwn: true });
  started.defer(() => gate.close());

  // Edges connect after recovery: they hear then which alerts are open, and so do the drones concerned.
  const core = await createCore({
    ...{ platform, disk, decompress, told: sinks.told },
    ...parts.journal && { journal: parts.journal },
    ...parts.pipeline && { pipeline: parts.pipeline },
    retention: sinks.journalRetention,
    segments: { ...WRITER_DEFAULTS, queueBytesMax: config.journalQueueBytesMax },
    warn: (outputs) => {
      warnings.hear(outputs);
      tellAlerts(outputs, { pipeline: core.pipeline, intake: edgeSide.intake });
    },
    deliver: sinks.deliver,
    onLosses: sinks.keepLosses,
    onMissed: () => edgeSide.intake.resend(),
    drainSinks: () => sqlite.drain(),
    flushSinks: sinks.flushDurably,
  });
  started.defer(() => core.close());
  sinks.publishFrom(core);
  const { pipeline, journalView } = core;

  const warnings = new Warnings({
    ...{ nowUs, clock, traces },
    usedId: (droneId) => pipeline.usedId(droneId),
    edgeOf: (droneId) => pipeline.edgeOf(droneId),
    edges: () => edgeSide.intake.edgeIds(),
    send: (edgeId, asked) => edgeSide.intake.send(edgeId, encodeDroneAlerts(asked)),
    openAlerts: () => pipeline.openAlerts(),
    onReport: (report) => sinks.keepDelivery(report, { journalId: journalView().journalId, atUs: nowUs() }),
  });
  const edgeSide = createEdgeSide({
    ...{ edgesMax: config.edgesMax, ...cpuMs && { cpuMs }, gate, core, warnings, traces, pseudonym, nowUs, clock, log },
    ...{ decompress, decode: parts.decode ?? decodeBatch },
  });

  const [stopping, refusals] = [new AbortController(), new Refusals()];
  const isStopping = () => stopping.signal.aborted;
  const { intake, edges, presence, scaling, lag } = edgeSide;
  const report = { ...sinks, region, nowUs, pipeline, edges, journal: journalView, warnings, presence, refusals };
  const fleet = () => fleetReport(report);
  const notReady = () => isStopping() ? "stopping" : core.notReady();
  const api = { ...core, ...sinks, intake, warnings, scaling, lag, fleet, gate, clock, nowUs, pseudonym, notReady };
  const server = await serveAggregator(api, { config, platform, refusals, tls: gate.tls, ...parts });

  const live = new Live({ nowUs, pipeline, events, fleet });
  const life = { config, gate, platform, core, edgeSide, warnings, sinks, live, isStopping };
  const endTimers = keepUp(life);
  const parted = started.move();
  return {
    ...{ url: server.url, adminToken: gate.adminToken, pipeline, erase: core.erase },
    async stop() {
      if (isStopping()) return;
      stopping.abort();
      endTimers();
      await windUp(life, () => server.stop());
      await parted.disposeAsync();
    },
  };
}
