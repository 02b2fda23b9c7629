// The pipeline: sessions → deduplication → clock → state, windows, rules → watermark. A list of calls, without clock,
// chance or I/O: the same entries and ticks give the same outputs, bit for bit.
import type { RecordColumns } from "../columns.ts";
import { Alerts } from "./alerts.ts";
import { BatchIds } from "./batch_ids.ts";
import { type Drone, Drones, knownRemainingCpct } from "./drones.ts";
import type { Entry, StepVerdict } from "./entry.ts";
import { LateSink } from "./late.ts";
import { Latency } from "./latency.ts";
import type { AlertEvent, Output } from "./outputs.ts";
import type { Pane } from "./pane.ts";
import { IN_AIR, Rules } from "./rules.ts";
import { type PipelineState, Restorer, Saver } from "./saved.ts";
import { Sessions, type Slots, type Source } from "./sessions.ts";
import type { PipelineSettings } from "./settings.ts";
import type { DroneView, FleetView } from "./views.ts";
import { Watermark } from "./watermark.ts";
import { Windows } from "./windows.ts";

export { PIPELINE_DEFAULTS, type PipelineSettings } from "./settings.ts";

/** What one step carries through its operators. */
interface Step {
  entry: Entry;
  slots: Slots;
  outputs: Output[];
  late: LateSink;
  maxEventUs: number;
}

/**
 * Adds one record to the state: the i-th of its columns, at a time that can be believed. Without a pane it is late: it
 * counts in no window, but a drone whose clock is behind must still be heard.
 */
type Apply = (record: { drone: Drone; bootId: number; pane: Pane | null; i: number; eventTimeUs: number }) => void;

export class Pipeline {
  readonly #drones: Drones;
  readonly #sessions: Sessions;
  readonly #batchIds: BatchIds;
  readonly #watermark: Watermark;
  readonly #windows: Windows;
  readonly #alerts: Alerts;
  readonly #rules: Rules;
  readonly #sensorToWindow = new Latency();
  readonly #sensorToAlert = new Latency();
  readonly #records: FleetView["records"] = {
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
  readonly #batches: FleetView["batches"] = { accepted: 0, duplicate: 0, unknownSlot: 0 };

  constructor(settings: PipelineSettings) {
    this.#drones = new Drones(settings.dronesMax);
    this.#sessions = new Sessions(this.#drones);
    this.#batchIds = new BatchIds(settings.batchIdsMax);
    this.#watermark = new Watermark(settings);
    this.#windows = new Windows({ ...settings, lowCpct: settings.battery.lowCpct });
    this.#alerts = new Alerts({ openMax: settings.openAlertsMax, reminderUs: settings.reminderUs });
    this.#rules = new Rules(this.#alerts, settings);
  }

  /** All of the state, sharing its parts with the pipeline: serialize it before the next step. */
  save(): PipelineState {
    const saver = new Saver();
    return {
      drones: this.#drones.save(saver),
      sessions: this.#sessions.save(saver),
      batchIds: this.#batchIds.save(),
      watermark: this.#watermark.save(),
      windows: this.#windows.save(saver),
      alerts: this.#alerts.save(),
      sensorToWindow: this.#sensorToWindow.save(),
      sensorToAlert: this.#sensorToAlert.save(),
      records: this.#records,
      batches: this.#batches,
    };
  }

  /** Brings back what `save` gave, into a pipeline that has seen nothing; takes the values over. */
  restore(state: PipelineState): void {
    const restorer = new Restorer();
    this.#drones.restore(state.drones, restorer);
    this.#sessions.restore(state.sessions, restorer);
    this.#batchIds.restore(state.batchIds);
    this.#watermark.restore(state.watermark);
    this.#windows.restore(state.windows, restorer);
    this.#alerts.restore(state.alerts);
    this.#sensorToWindow.restore(state.sensorToWindow);
    this.#sensorToAlert.restore(state.sensorToAlert);
    Object.assign(this.#records, state.records);
    Object.assign(this.#batches, state.batches);
  }

  /** One batch. `unknown-slot` has changed nothing but the definitions the batch carried itself. */
  step(entry: Entry): { verdict: StepVerdict; outputs: Output[] } {
    const { edgeId, session, sealed, columns, ingestionTimeUs } = entry;
    if (this.#batchIds.has(sealed.batchId)) {
      this.#batches.duplicate++;
      return { verdict: "duplicate", outputs: [] };
    }
    const slots = this.#sessions.define(edgeId, session, sealed.slots);
    const { positions, batteries, obstacles, nearDuplicates } = columns;
    if (![positions, batteries, obstacles, nearDuplicates].every((group) => definesAll(group, slots))) {
      this.#batches.unknownSlot++;
      return { verdict: "unknown-slot", outputs: [] };
    }
    this.#batchIds.add(sealed.batchId);
    this.#batches.accepted++;
    const step: Step = { entry, slots, outputs: [], late: new LateSink(), maxEventUs: -Infinity };
    this.#positions(step);
    this.#batteries(step);
    this.#obstacles(step);
    this.#nearDuplicates(step);
    step.late.flush(edgeId, step.outputs);
    this.#watermark.observe(edgeId, { maxEventUs: step.maxEventUs, nowUs: ingestionTimeUs });
    step.outputs.push(...this.#windows.advance(this.#watermark.advance(ingestionTimeUs)));
    this.#measureAlerts(step);
    return { verdict: "accepted", outputs: step.outputs };
  }

  /** Wall time has passed, in Unix µs. */
  tick(nowUs: number): Output[] {
    const outputs: Output[] = [];
    for (const drone of this.#drones.values()) this.#rules.tick(drone, { nowUs, outputs });
    this.#alerts.remind(nowUs, outputs);
    outputs.push(...this.#windows.advance(this.#watermark.advance(nowUs)));
    return outputs;
  }

  /** Somebody has seen an alert. `found`: such an alert is open. */
  acknowledgeAlert(seen: { alertId: number; by: string; nowUs: number }): { found: boolean; outputs: Output[] } {
    const outputs: Output[] = [];
    return { found: this.#alerts.acknowledge(seen, outputs), outputs };
  }

  fleet(): FleetView {
    let dronesAirborne = 0;
    let dronesLinkLost = 0;
    for (const { flags, linkLost } of this.#drones.values()) {
      if ((flags & IN_AIR) !== 0) dronesAirborne++;
      if (linkLost) dronesLinkLost++;
    }
    const watermarkUs = this.#watermark.us;
    return {
      watermarkUs: watermarkUs === -Infinity ? null : watermarkUs,
      drones: this.#drones.size,
      dronesAirborne,
      dronesLinkLost,
      openAlerts: this.#alerts.openCount,
      records: { ...this.#records },
      batches: { ...this.#batches },
      sensorToWindowMs: this.#sensorToWindow.view(),
      sensorToAlertMs: this.#sensorToAlert.view(),
    };
  }

  *drones(): Generator<DroneView> {
    for (const drone of this.#drones.values()) yield drone.view();
  }

  drone(droneId: string): DroneView | undefined {
    return this.#drones.get(droneId)?.view();
  }

  openAlerts(): AlertEvent[] {
    return this.#alerts.open();
  }

  /** Drones whose near-duplicates edges must not suppress. */
  openAlertDrones(): string[] {
    return this.#alerts.openDrones();
  }

  sessionKnown(edgeId: string, session: bigint): boolean {
    return this.#sessions.known(edgeId, session);
  }

  #positions(step: Step): void {
    const { positions } = step.entry.columns;
    this.#each(positions, step, ({ drone, bootId, pane, i, eventTimeUs }) => {
      if (pane) {
        this.#records.position++;
        pane.addPosition(positions, i, eventTimeUs);
      }
      drone.observe({ bootId, seq: positions.seq[i]!, eventTimeUs, flags: positions.flags[i]! });
      drone.observePosition(positions, i, eventTimeUs);
    });
  }

  #batteries(step: Step): void {
    const { batteries } = step.entry.columns;
    const { outputs } = step;
    this.#each(batteries, step, ({ drone, bootId, pane, i, eventTimeUs }) => {
      if (pane) {
        this.#records.battery++;
        pane.batteries++;
        const cpct = knownRemainingCpct(batteries, i);
        if (cpct !== null) pane.addCharge({ id: batteries.id[i]!, eventTimeUs, seq: batteries.seq[i]!, cpct });
      }
      drone.observe({ bootId, seq: batteries.seq[i]!, eventTimeUs, flags: batteries.flags[i]! });
      const battery = drone.observeBattery(batteries, i, eventTimeUs);
      if (battery) this.#rules.battery(drone, battery, { eventTimeUs, outputs });
    });
  }

  #obstacles(step: Step): void {
    const { obstacles } = step.entry.columns;
    this.#each(obstacles, step, ({ drone, bootId, pane, i, eventTimeUs }) => {
      if (pane) {
        this.#records.obstacles++;
        pane.obstacles++;
      }
      drone.observe({ bootId, seq: obstacles.seq[i]!, eventTimeUs, flags: obstacles.flags[i]! });
    });
  }

  #nearDuplicates(step: Step): void {
    this.#each(step.entry.columns.nearDuplicates, step, ({ pane }) => {
      if (!pane) return;
      this.#records.nearDuplicate++;
      pane.positions++;
      pane.nearDuplicates++;
    });
  }

  // Records of one kind, each counted once, whoever sent it again; sorted by slot, so sources come in runs.
  #each(group: RecordColumns, step: Step, apply: Apply): void {
    const { slots, outputs, late, entry: { edgeId, ingestionTimeUs } } = step;
    const { count, slot: slotOf, seq, eventTimeUs: sent } = group;
    const records = this.#records;
    records.received += count;
    let slot = NaN;
    let source: Source | undefined;
    for (let i = 0; i < count; i++) {
      if (slotOf[i] !== slot) {
        slot = slotOf[i]!;
        source = slots.get(slot);
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
        this.#sensorToWindow.add(ingestionTimeUs - eventTimeUs);
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

  #measureAlerts({ outputs, entry: { ingestionTimeUs } }: Step): void {
    for (const output of outputs) {
      if (output.type !== "alert" || output.alert.triggerTimeUs === null) continue;
      const { transition, triggerTimeUs } = output.alert;
      if (transition === "raise" || transition === "escalate") this.#sensorToAlert.add(ingestionTimeUs - triggerTimeUs);
    }
  }
}

function definesAll({ count, slot }: RecordColumns, slots: Slots): boolean {
  let last = NaN;
  for (let i = 0; i < count; i++) {
    if (slot[i] === last) continue;
    last = slot[i]!;
    if (!slots.has(last)) return false;
  }
  return true;
}
