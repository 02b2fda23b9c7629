// The aggregator without sockets and sinks: journal, pipeline and the sequencer between them, recovered from what the disk
// holds. What tests simulate and what the process runs is this.
import { Latency, type LatencyView } from "../../platform/latency.ts";
import type { Platform } from "../../platform/system.ts";
import type { Decompress } from "../batch/decompress.ts";
import { Checkpointing } from "./checkpointing.ts";
import { Erasure } from "./erasure.ts";
import { type Place, Sequencer } from "./sequencer.ts";
import type { Disk } from "../journal/disk.ts";
import type { Arrival } from "../journal/entries.ts";
import { type Journal, volatileJournal } from "../journal/journal.ts";
import { JournalWatch, WATCH_INTERVAL_MS } from "./journal_watch.ts";
import type { RetentionSettings } from "../journal/retention.ts";
import { JournalWriter, type JournalWriterSettings, WRITER_DEFAULTS } from "../journal/writer.ts";
import { Operations } from "../alerts/operations.ts";
import type { DeliveryPlace, Output } from "../outputs.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../pipeline/pipeline.ts";
import type { ToldAlerts } from "../sinks/told_alerts.ts";
import type { Traces } from "../tracing/traces.ts";
import { begin } from "./beginning.ts";
import type { Recovered } from "./recovery.ts";
import { reportRecovery } from "./recovery_report.ts";
import { troubleOf } from "./trouble.ts";

/** What the core needs of the pipeline; tests put another one in its place. */
export type CorePipeline = Pick<
  Pipeline,
  | "step"
  | "tick"
  | "acknowledgeAlert"
  | "configure"
  | "started"
  | "record"
  | "operated"
  | "clockStepped"
  | "edgeChanged"
  | "linksLost"
  | "trafficHeard"
  | "traffic"
  | "skipAlertIds"
  | "erase"
  | "knowsBatch"
  | "edges"
  | "usedId"
  | "fleet"
  | "latencies"
  | "drones"
  | "drone"
  | "ghosts"
  | "openAlerts"
  | "openAlertDrones"
  | "edgeOf"
  | "sessionKnown"
  | "snapshot"
  | "restore"
>;

/** What an aggregator needs of the machine it runs on; it counts in µs. */
export interface AggregatorPlatform extends Pick<Platform, "clock" | "after" | "every" | "log" | "pseudonym"> {
  /** Unix µs; jumps when the host's clock is set. */
  nowUs: () => number;
  /** Without them nothing is traced. */
  traces?: Traces | null;
  /** Of the processor, all that this process has used, in ms; null, or absent: nobody can tell. */
  cpuMs?: () => number | null;
}

export interface CoreParts {
  platform: AggregatorPlatform;
  /** Where the journal and its checkpoints are; null: nowhere, what was acknowledged is lost with the process. */
  disk: Disk | null;
  /** For a core without a disk. */
  journal?: Journal;
  pipeline?: CorePipeline;
  /** What was told of alerts before; null: nobody knows. */
  told?: ToldAlerts | null;
  decompress: Decompress;
  retention: RetentionSettings;
  segments?: JournalWriterSettings;
  /** Results before they are safe: for warnings. */
  warn: (outputs: Output[]) => void;
  /** Safe results, also those of recovery, which sinks may have had before. */
  deliver: (outputs: Output[], place: DeliveryPlace) => void;
  onLosses: (losses: Extract<Arrival, { type: "losses" }>) => void;
  /** Batches that were judged and not journalled can be journalled now. */
  onMissed: () => void;
  /** Writes what waits for the sinks at once, between two parts of recovery; throws when it cannot. */
  drainSinks: () => void;
  /** Writes what waits for the sinks by now, and has the disk keep it; throws when it cannot. */
  flushSinks: () => void | Promise<void>;
}

/** The journal as the API shows it. */
export interface JournalView {
  state: "durable" | "failing" | "volatile";
  journalId: string;
  lastIndex: number;
  waiting: number;
  /** From the beginning of a commit to fdatasync's return, in ms; null before the first. */
  commitMs: LatencyView | null;
  recovered: Recovered | null;
}

/** A running core. */
export interface Core {
  pipeline: CorePipeline;
  sequencer: Sequencer;
  operations: Operations;
  /** From the beginning of a commit to fdatasync's return. */
  commits: Latency;
  /** Has a drone forgotten, by everybody: see Erasure. */
  erase: Erasure["erase"];
  /** The last entry that told that a drone is erased: what is from before it must go. */
  erasedIndex: () => number;
  journalView: () => JournalView;
  /** Why it takes nothing that must be safe now; null when it does. */
  notReady: () => string | null;
  /**
   * Resolves when a checkpoint of everything so far is durable, without a disk when the sinks have what waits by now; see
   * Checkpointing.
   */
  checkpoint: Checkpointing["take"];
  /** Closes the journal: what is not durable by then is rejected, and a checkpoint that is still being read is given up. */
  close: () => Promise<void>;
}

const OPERATIONS_JOURNAL = "operations";
const ERASURE_PAUSE_MS = 100;

/** Recovers what the disk holds, then takes arrivals. @throws {Error} when the journal cannot be read */
export async function createCore(parts: CoreParts): Promise<Core> {
  const { platform: { nowUs, clock, after, every, log }, disk, decompress, warn, deliver, retention } = parts;
  const {
    told = null,
    onLosses,
    onMissed,
    drainSinks,
    flushSinks,
  } = parts;
  const fresh = () => parts.pipeline ?? new Pipeline(PIPELINE_DEFAULTS);
  let operationsIndex = 0;
  const operations = new Operations({
    nowUs,
    clock,
    deliver: (outputs, atUs) => {
      parts.platform.traces?.hear(outputs);
      deliver(outputs, { journalId: OPERATIONS_JOURNAL, index: ++operationsIndex, atUs });
    },
  });
  const trouble = troubleOf(parts.platform, operations);
  const deliverHere = (outputs: Output[], { journalId, index, timeUs }: Place & { journalId: string }) => {
    for (const output of outputs) if (output.type === "quarantine") trouble.quarantined(output.quarantine);
    trouble.attempt("deliver results", () => deliver(outputs, { journalId, index, atUs: timeUs }));
  };
  const onProgress = () => {
    try {
      drainSinks();
    } catch (error) {
      log("warn", `Cannot write what recovery delivers: ${error instanceof Error ? error.message : error}`);
    }
  };
  const { pipeline, journalId, recovered } = disk
    ? await begin({ disk, pipeline: fresh, told, decompress, deliver: deliverHere, onLosses, onProgress, nowUs })
    : { pipeline: fresh(), journalId: `volatile-${Math.round(nowUs())}`, recovered: null };
  if (recovered) reportRecovery(recovered, { operations, log });
  const applied: Place = recovered?.applied ?? { index: 0, timeUs: 0 };
  const commits = new Latency();
  const onFailure = () => sequencer.check();
  const watch = new JournalWatch({ log, operations });
  const writer = disk && openWriter(disk, { parts, commits, watch, onFailure, nextIndex: applied.index + 1 });
  const stopWatching = writer && every(WATCH_INTERVAL_MS, () => watch.look(writer.failing));
  const journal: Journal = writer ?? parts.journal ?? volatileJournal();
  const sequencer: Sequencer = new Sequencer({
    ...{ nowUs, clock, journal, pipeline, applied, onMissed },
    warn: (outputs) => trouble.attempt("warn drones", () => warn(outputs)),
    deliver: (outputs, place) => {
      deliverHere(outputs, { ...place, journalId });
      erasure.delivered(outputs, place.index);
    },
    onLosses: (losses) => trouble.attempt("keep losses", () => onLosses(losses)),
    onClockStep: trouble.clockStepped,
    onFull: trouble.journalFull,
    onGap: (gap, dropped) => {
      trouble.unjournalled(gap, dropped);
      // A restart from before it would know nothing of what was judged.
      checkpointing?.take().catch((error: unknown) => log("warn", `Cannot take a checkpoint behind a gap: ${error}`));
    },
  });
  const pause = (ms: number) => new Promise<void>((resolve) => void after(ms, resolve));
  const checkpointing: Checkpointing | null = disk &&
    new Checkpointing({
      ...{ disk, pipeline, flushSinks, nowUs, retention },
      erasedIndex: () => erasure.erasedIndex,
      seen: () => sequencer.seen,
      safe: () => sequencer.safe(),
      pause: () => pause(0),
    });
  const checkpoint: Checkpointing["take"] = async (options) => {
    await (checkpointing ? checkpointing.take(options) : flushSinks());
  };
  const erasure = new Erasure({
    ...{ sequencer, disk, checkpoint, erasedIndex: recovered?.erasedIndex ?? 0 },
    endSegment: () => writer?.endSegment(),
    pause: () => pause(ERASURE_PAUSE_MS),
  });
  return {
    pipeline,
    sequencer,
    operations,
    commits,
    erase: (drone) => erasure.erase(drone),
    erasedIndex: () => erasure.erasedIndex,
    journalView: () => ({
      state: writer ? writer.failing ? "failing" : "durable" : "volatile",
      journalId,
      lastIndex: sequencer.applied.index,
      waiting: sequencer.waiting,
      commitMs: commits.view(),
      recovered,
    }),
    notReady: () => writer?.failing ? "the journal cannot be written" : null,
    checkpoint,
    close: async () => {
      stopWatching?.();
      await Promise.all([checkpointing?.close(), writer?.close()]);
    },
  };
}

function openWriter(
  disk: Disk,
  { parts, commits, watch, onFailure, nextIndex }: {
    parts: CoreParts;
    commits: Latency;
    watch: JournalWatch;
    onFailure: () => void;
    nextIndex: number;
  },
): JournalWriter {
  const { platform: { after, clock }, segments = WRITER_DEFAULTS } = parts;
  return new JournalWriter(segments, {
    disk,
    nextIndex,
    after,
    clock,
    commits,
    onFailure: (error) => {
      watch.failed(error);
      onFailure();
    },
    onRecovery: () => watch.recovered(),
  });
}
