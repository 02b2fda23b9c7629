// Each record once, whoever sent it again: deduplication, a time that can be believed, and the window it counts in.
import type { RecordColumns } from "../columns.ts";
import type { Drone } from "./drones.ts";
import type { Entry } from "./entry.ts";
import { LateSink } from "./late.ts";
import { Latency } from "./latency.ts";
import type { Output } from "./outputs.ts";
import type { Pane } from "./pane.ts";
import type { Rules } from "./rules.ts";
import type { Slots, Source } from "./sessions.ts";
import type { Snapshots } from "./snapshot.ts";
import type { FleetView } from "./views.ts";
import type { Windows } from "./windows.ts";

/** What one batch carries through the operators. */
export interface Step {
  entry: Entry;
  slots: Slots;
  outputs: Output[];
  late: LateSink;
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
  bootId: number;
  pane: Pane | null;
  i: number;
  eventTimeUs: number;
}

export interface SavedCounting {
  records: FleetView["records"];
  sensorToWindow: ReturnType<Latency["save"]>;
}

export class Counting {
  readonly #windows: Windows;
  readonly #rules: Rules;
  readonly #snapshots: Snapshots;
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

  constructor({ windows, rules, snapshots }: { windows: Windows; rules: Rules; snapshots: Snapshots }) {
    this.#windows = windows;
    this.#rules = rules;
    this.#snapshots = snapshots;
  }

  save(): SavedCounting {
    return { records: { ...this.records }, sensorToWindow: this.sensorToWindow.save() };
  }

  restore({ records, sensorToWindow }: SavedCounting): void {
    Object.assign(this.records, records);
    this.sensorToWindow.restore(sensorToWindow);
  }

  /** Records of one kind; sorted by slot, so sources come in runs. */
  each(group: RecordColumns, step: Step, apply: Apply): void {
    const { slots, outputs, late, entry: { edgeId, ingestionTimeUs } } = step;
    const { count, slot: slotOf, seq, eventTimeUs: sent } = group;
    const { records } = this;
    records.received += count;
    let slot = NaN;
    let source: Source | undefined;
    for (let i = 0; i < count; i++) {
      if (slotOf[i] !== slot) {
        slot = slotOf[i]!;
        source = slots.get(slot);
        if (source) this.#snapshots.current?.beforeRecords(source);
      }
      if (!source) throw new Error(`Cannot count a record: slot ${slot} is not defined`);
      const { drone, bootId, seqs, membership } = source;
      if (!seqs.add(seq[i]!)) {
        records.duplicate++;
        continue;
      }
      records.accepted++;
      drone.records++;
      drone.edgeId = edgeId;
      drone.lastIngestionTimeUs = ingestionTimeUs;
      if (drone.linkLost) this.#rules.heard(drone, { atUs: ingestionTimeUs, outputs });
      let eventTimeUs = sent[i]!;
      if (drone.clock.trusts(eventTimeUs, ingestionTimeUs)) {
        if (eventTimeUs > step.maxEventUs) step.maxEventUs = eventTimeUs;
        this.sensorToWindow.add(ingestionTimeUs - eventTimeUs);
      } else {
        records.retimed++;
        const offsetUs = ingestionTimeUs - eventTimeUs;
        this.#rules.skewed(drone, { atUs: ingestionTimeUs, offsetUs, outputs });
        eventTimeUs = ingestionTimeUs;
      }
      const pane = this.#windows.pane(membership, eventTimeUs);
      if (!pane) {
        records.late++;
        late.add(drone.droneId, eventTimeUs);
      }
      apply({ drone, bootId, pane, i, eventTimeUs });
    }
  }
}
