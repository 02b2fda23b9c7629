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
import type { Output } from "../outputs.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../pipeline/pipeline.ts";
import type { DeliveryPlace } from "../sinks/sink.ts";
import { recover, type Recovered } from "./recovery.ts";
import { describeGap, troubleOf } from "./trouble.ts";

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
  | "skipAlertIds"
  | "erase"
  | "knowsBatch"
  | "edges"
  | "usedId"
  | "fleet"
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
}

export interface CoreParts {
  platform: AggregatorPlatform;
  /** Where the journal and its checkpoints are; null: nowhere, what was acknowledged is lost with the process. */
  disk: Disk | null;
  /** For a core without a disk. */
  journal?: Journal;
  pipeline?: CorePipeline;
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
  /** Has a drone forgotten, by everybody: see Erasure. */
  erase: Erasure["erase"];
  journalView: () => JournalView;
  /** Why it takes nothing that must be safe now; null when it does. */
  notReady: () => string | null;
  /** Resolves when a checkpoint of everything so far is durable, at once without a disk; see Checkpointing. */
  checkpoint: Checkpointing["take"];
  /** Closes the journal: what is not durable by then is rejected, and a checkpoint that is still being read is given up. */
  close: () => Promise<void>;
}

const OPERATIONS_JOURNAL = "operations";
const ID_NAME = "id";
const ERASURE_PAUSE_MS = 100;

/** Recovers what the disk holds, then takes arrivals. @throws {Error} when the journal cannot be read */
export async function createCore(parts: CoreParts): Promise<Core> {
  const { platform: { nowUs, clock, after, every, log }, disk, decompress, warn, deliver, retention } = parts;
  const { onLosses, onMissed, drainSinks, flushSinks } = parts;
  const pipeline = parts.pipeline ?? new Pipeline({ ...PIPELINE_DEFAULTS, droneKeptUs: retention.keptUs });
  const journalId = disk ? await identity(disk, nowUs) : `volatile-${Math.round(nowUs())}`;
  let operationsIndex = 0;
  const operations = new Operations({
    nowUs,
    clock,
    deliver: (outputs, atUs) => deliver(outputs, { journalId: OPERATIONS_JOURNAL, index: ++operationsIndex, atUs }),
  });
  const trouble = troubleOf(parts.platform, operations);
  const deliverHere = (outputs: Output[], { index, timeUs }: Place) => {
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
  const recovered = disk ? recover({ disk, pipeline, decompress, deliver: deliverHere, onLosses, onProgress }) : null;
  if (recovered) report(recovered, operations, log);
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
      deliverHere(outputs, place);
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
  const checkpoint: Checkpointing["take"] = async (options) => await checkpointing?.take(options);
  const erasure = new Erasure({
    ...{ sequencer, disk, checkpoint, erasedIndex: recovered?.erasedIndex ?? 0 },
    endSegment: () => writer?.endSegment(),
    pause: () => pause(ERASURE_PAUSE_MS),
  });
  return {
    pipeline,
    sequencer,
    operations,
    erase: (drone) => erasure.erase(drone),
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

/** The journal's own name, made with it. */
async function identity(disk: Disk, nowUs: () => number): Promise<string> {
  if (disk.list().some(({ name }) => name === ID_NAME)) return new TextDecoder().decode(disk.read(ID_NAME));
  const id = `journal-${Math.round(nowUs())}`;
  await disk.replace(ID_NAME, [new TextEncoder().encode(id)]);
  return id;
}

function report(recovered: Recovered, operations: Operations, log: Log): void {
  const { tornBytes, gaps, unjournalled, unreadable, entries, applied } = recovered;
  if (applied.index > 0) {
    log("info", `recovered up to journal entry ${applied.index}, ${entries} of them from the tail`);
  }
  if (tornBytes > 0) log("warn", `cut ${tornBytes} bytes of an unfinished, unacknowledged entry off the journal's end`);
  for (const index of unreadable) log("warn", `Cannot read checkpoint ${index}: it is damaged or of another version`);
  for (const gap of unjournalled) log("warn", describeGap(gap));
  if (gaps.length === 0) return;
  const missing = gaps.map(({ firstIndex, lastIndex }) => `${firstIndex} to ${lastIndex}`).join(", ");
  const message = gaps[0]?.firstIndex === 1
    ? `The journal lacks entries ${missing}, and no checkpoint of them can be read: counts, windows and alert numbers begin anew`
    : `The journal lacks entries ${missing}: acknowledged batches that its disk lost`;
  log("warn", message);
  operations.degraded("journal-gap", { message, severity: "critical" });
}

type Log = Platform["log"];
