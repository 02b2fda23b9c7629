// Each record once, whoever sent it again: deduplication, a time that can be believed, and the window it counts in.
import type { RecordColumns } from "../../batch/columns.ts";
import { isRetimed } from "../drones/clock.ts";
import type { Doubles } from "./doubles.ts";
import type { Drone, DroneWatch } from "../drones/drone.ts";
import type { Entry } from "../../batch/entry.ts";
import type { Hearing } from "../edges/hearing.ts";
import { LateSink } from "../windows/late.ts";
import { Latency } from "../../../platform/latency.ts";
import type { Output } from "../../outputs.ts";
import type { Pane } from "../windows/pane.ts";
import type { Rules } from "./rules.ts";
import type { Slots, Source, SourceWatch } from "../drones/sessions.ts";
import type { FleetView } from "../../views.ts";
import type { Windows } from "../windows/windows.ts";

/** What one drone sends through two edges is out of order by less. */
const BEHIND_SEQS = 64;

/** What one batch carries through the operators. */
export interface Step {
  entry: Entry;
  slots: Slots;
  outputs: Output[];
  late: LateSink;
  /** The batch waited at its edge: it says nothing about now. */
  delayed: boolean;
  /** Slots whose records do not count. */
  voidSlots: ReadonlySet<number>;
  /** The latest event time that is believed; -Infinity for none. */
  maxEventUs: number;
}

/**
 * Adds one record to the state: the i-th of its columns, at a time that can be believed. Without a pane it is late: it
 * counts in no window, but a drone whose clock is behind must still be heard.
 */
export type Apply = (record: CountedRecord) => void;

export interface CountedRecord {
  drone: Drone;
  /** It is of the drone's present boot: it may say how the drone is now. */
  isPresent: boolean;
  pane: Pane | null;
  i: number;
  eventTimeUs: number;
  /** When it was measured, by our clock. */
  measuredUs: number;
}

/** A record that counts, with whose it is; told to whoever hands records on. */
export interface Counted {
  /** Its columns: those of its kind. */
  group: RecordColumns;
  record: CountedRecord;
  source: Source;
  entry: Entry;
  /** Windows that end up to here are final, Unix µs; 0: none is. */
  finalBeforeUs: number;
}

/** Hears of each record that counts, before it does. */
export type OnCounted = (counted: Counted) => void;

export interface SavedCounting {
  records: FleetView["records"];
  sensorToWindow: ReturnType<Latency["save"]>;
}

export interface CountingParts {
  windows: Windows;
  rules: Rules;
  watch: DroneWatch & SourceWatch;
  doubles: Doubles;
  hearing: Pick<Hearing, "isDeaf">;
  onCounted?: OnCounted | undefined;
}

export class Counting {
  readonly #windows: Windows;
  readonly #rules: Rules;
  readonly #watch: CountingParts["watch"];
  readonly #doubles: Doubles;
  readonly #hearing: CountingParts["hearing"];
  readonly #onCounted: CountingParts["onCounted"];
  #latest = new Float64Array(0);
  readonly sensorToWindow = new Latency();
  readonly records: FleetView["records"] = {
    received: 0,
    accepted: 0,
    duplicate: 0,
    late: 0,
    position: 0,
    battery: 0,
    obstacles: 0,
    nearDuplicate: 0,
    retimed: 0,
  };

  constructor({ windows, rules, watch, doubles, hearing, onCounted }: CountingParts) {
    this.#hearing = hearing;
    this.#onCounted = onCounted;
    this.#windows = windows;
    this.#rules = rules;
    this.#watch = watch;
    this.#doubles = doubles;
  }

  save(): SavedCounting {
    return { records: { ...this.records }, sensorToWindow: this.sensorToWindow.save() };
  }

  restore({ records, sensorToWindow }: SavedCounting): void {
    Object.assign(this.records, records);
    this.sensorToWindow.restore(sensorToWindow);
  }

  /** Records of one kind; sorted by slot, so sources come in runs. Those of void slots do not count. */
  each(group: RecordColumns, step: Step, apply: Apply): void {
    const { slots, outputs, voidSlots, entry: { ingestionTimeUs: nowUs } } = step;
    const { count, slot: slotOf, seq, eventTimeUs: sentUs } = group;
    const { records } = this;
    const moment = { nowUs, outputs };
    const latestUs = this.#latestOf(group);
    let slot = NaN;
    let source: Source | undefined;
    let alone = false;
    for (let i = 0; i < count; i++) {
      if (slotOf[i] !== slot || alone) {
        slot = slotOf[i]!;
        const isVoid = voidSlots.has(slot);
        const sender = isVoid ? null : this.#doubles.sourceOf(slots, { group, from: i, moment });
        [source, alone] = [sender?.source, sender?.alone ?? false];
        if (source) this.#watch.beforeRecords(source);
      }
      if (!source) continue;
      records.received++;
      if (!source.seqs.add(seq[i]!, sentUs[i]!)) {
        records.duplicate++;
        source.drone.speakers.repeated(nowUs);
        continue;
      }
      records.accepted++;
      const sent = { i, seq: seq[i]!, sentUs: sentUs[i]!, latestUs: latestUs[i]! };
      source = this.#countOne(source, sent, { group, step, apply });
    }
  }

  /** For each record the latest event time of it and those of its slot behind it: a view that the next call overwrites. */
  #latestOf({ count, slot, eventTimeUs }: RecordColumns): Float64Array {
    if (this.#latest.length < count) this.#latest = new Float64Array(count);
    const latest = this.#latest;
    for (let i = count - 1; i >= 0; i--) {
      const behindUs = i + 1 < count && slot[i + 1] === slot[i] ? latest[i + 1]! : -Infinity;
      latest[i] = Math.max(eventTimeUs[i]!, behindUs);
    }
    return latest;
  }

  /** @returns who sent it: not always who was thought to */
  #countOne(
    source: Source,
    { i, seq, sentUs, latestUs }: { i: number; seq: number; sentUs: number; latestUs: number },
    { group, step, apply }: { group: RecordColumns; step: Step; apply: Apply },
  ): Source {
    const { outputs, late, delayed, entry: { edgeId, ingestionTimeUs: nowUs } } = step;
    const { records } = this;
    const heard = { bootId: source.bootId, seq, eventTimeUs: sentUs, nowUs, latestUs, delayed };
    let { boot, fault, measuredUs } = source.drone.hear(heard);
    const isBehind = seq < source.seqs.highest - BEHIND_SEQS;
    const takesTurns = boot === "present" && !delayed && source.drone.speakers.heard(edgeId, { nowUs, isBehind });
    if (boot === "clash" || takesTurns) {
      const moment = { nowUs, outputs };
      source = takesTurns
        ? this.#doubles.partAt(source, { edgeId, slots: step.slots, moment })
        : this.#doubles.part(source, moment);
      this.#watch.beforeRecords(source);
      ({ boot, fault, measuredUs } = source.drone.hear(heard));
    }
    const { drone, membership, formation } = source;
    const isPresent = boot === "present" || boot === "began";
    drone.records++;
    if (isPresent) {
      drone.edgeId = edgeId;
      drone.formation = formation;
      drone.lastIngestionTimeUs = nowUs;
      drone.reports.heard(nowUs);
      if (drone.linkLost) this.#rules.heard(drone, { atUs: nowUs, outputs });
      this.#doubles.heard(drone, { nowUs, outputs });
      // A clock that seems to be behind, or to stand still, may be what is late.
      const isOurs = (fault === "behind" || fault === "stopped") && this.#hearing.isDeaf(edgeId, nowUs);
      if (fault && !isOurs) this.#rules.skewed(drone, fault, { atUs: nowUs, offsetUs: nowUs - sentUs, outputs });
    }
    let eventTimeUs = sentUs;
    if (isRetimed(fault)) {
      records.retimed++;
      eventTimeUs = nowUs;
    } else {
      if (eventTimeUs > step.maxEventUs) step.maxEventUs = eventTimeUs;
      this.sensorToWindow.add(nowUs - eventTimeUs);
    }
    const pane = this.#windows.pane(membership, eventTimeUs, isRetimed(fault));
    if (!pane) {
      records.late++;
      late.add(drone.droneId, eventTimeUs);
    }
    const record = { drone, isPresent, pane, i, eventTimeUs, measuredUs };
    this.#onCounted?.({ group, record, source, entry: step.entry, finalBeforeUs: this.#windows.finalBeforeUs });
    apply(record);
    return source;
  }
}
