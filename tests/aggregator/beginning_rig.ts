// A core's beginning over a disk in memory, with a pipeline that raises an alert each tick, as this version would, and a real
// database of what was told.
import { begin } from "../../aggregator/core/beginning.ts";
import type { Recovered } from "../../aggregator/core/recovery.ts";
import { checkpointName } from "../../aggregator/journal/checkpoints.ts";
import { encodeArrival } from "../../aggregator/journal/entries.ts";
import { JournalWriter, WRITER_DEFAULTS } from "../../aggregator/journal/writer.ts";
import type { AlertEvent, AlertKindName, Output } from "../../aggregator/outputs.ts";
import type { StatePiece } from "../../aggregator/pipeline/state/saved.ts";
import { SqliteSink } from "../../aggregator/sinks/sqlite.ts";
import { toldAlerts } from "../../aggregator/sinks/told_alerts.ts";
import { checkpointFile } from "../journal/checkpoint_file.ts";
import { MemoryDisk } from "../journal/memory_disk.ts";
import { FakePipeline } from "./fake_pipeline.ts";

export const T0 = 1_790_000_000_000_000;
const VERSION_AT = 8;

/** How a version of the pipeline judges each tick, by its number from 1: which alert it raises; null: none. */
export type Judge = (tick: number) => AlertKindName | null;

/** What there is after a start. */
export interface Started {
  journalId: string;
  recovered: Recovered;
  /** The next entry's alert, if it were a tick. */
  nextAlertId: number;
  nextIndex: number;
}

export class BeginningRig {
  readonly disk = new MemoryDisk();
  readonly sink = new SqliteSink({ path: ":memory:", queueRowsMax: 1000 });
  #nowUs = T0;

  /** Starts as the process does. */
  async start({ judge = () => "conflict", isTold = true }: { judge?: Judge; isTold?: boolean } = {}): Promise<Started> {
    const told = isTold ? toldAlerts(this.sink.db) : null;
    const { pipeline, journalId, recovered } = await begin({
      ...{ disk: this.disk, told, pipeline: () => judging(judge), nowUs: () => this.#nowUs += 1e6 },
      decompress: () => ({ malformed: "nothing is sent here" }),
      deliver: (outputs, { index, timeUs, ...place }) => this.sink.deliver(outputs, { ...place, index, atUs: timeUs }),
      onLosses: () => {},
      onProgress: () => {},
    });
    this.sink.drain();
    return {
      ...{ journalId, recovered },
      nextAlertId: pipeline.skipAlertIds(0) + 1,
      nextIndex: recovered.applied.index + 1,
    };
  }

  /** So many ticks, journalled and told, in a segment of their own. */
  async fly(ticks: number, { judge = () => "conflict" }: { judge?: Judge } = {}): Promise<void> {
    const { nextIndex } = await this.start({ judge });
    const writer = new JournalWriter({ ...WRITER_DEFAULTS, spacingMs: 0 }, {
      ...{ disk: this.disk, nextIndex, after: () => () => {}, clock: () => 0, commits: { add: () => {} } },
      onFailure: () => {},
      onRecovery: () => {},
    });
    for (let i = 0; i < ticks; i++) {
      await writer.append(this.#nowUs += 1000, encodeArrival({ type: "tick" }));
    }
    await writer.close();
    await this.start({ judge });
  }

  /** A checkpoint of everything up to an entry, by a version so much newer than this one. */
  checkpoint(index: number, versionsAhead = 0): void {
    const file = checkpointFile({ index, timeUs: T0, state: [{ ticks: index } as unknown as StatePiece] });
    const view = new DataView(file.buffer);
    view.setUint32(VERSION_AT, view.getUint32(VERSION_AT, true) + versionsAhead, true);
    this.disk.overwrite(checkpointName(index), file);
  }

  /** Rows of alerts, by journal and number. */
  rows(): [journal: string, alertId: number, kind: string][] {
    return this.sink.db.prepare("SELECT journal, alert_id, kind FROM alerts ORDER BY rowid").all()
      .map(({ journal, alert_id, kind }) => [String(journal), Number(alert_id), String(kind)]);
  }

  [Symbol.dispose](): void {
    this.sink.close();
  }
}

// Restored, it has seen as many ticks as there were entries, and given a number to each.
function judging(judge: Judge) {
  let [ticks, lastId] = [0, 0];
  return Object.assign(new FakePipeline(), {
    tick: (nowUs: number): Output[] => {
      const kind = judge(++ticks);
      return kind === null ? [] : [{ type: "alert", alert: raised({ alertId: ++lastId, kind, nowUs }) }];
    },
    skipAlertIds: (id: number) => lastId = Math.max(lastId, id),
    restore: (pieces: Iterable<StatePiece>) => {
      for (const piece of pieces) ticks = lastId = (piece as unknown as { ticks: number }).ticks;
    },
  });
}

function raised({ alertId, kind, nowUs }: { alertId: number; kind: AlertKindName; nowUs: number }): AlertEvent {
  return {
    ...{ alertId, kind, severity: "critical", transition: "raise", droneIds: ["d-a", "d-b"], detail: "" },
    ...{
      raisedTimeUs: nowUs,
      changedTimeUs: nowUs,
      revision: 1,
      path: null,
      conflict: null,
      obstacle: null,
      crowd: null,
    },
    ...{ message: "", acknowledgedBy: null },
  };
}
