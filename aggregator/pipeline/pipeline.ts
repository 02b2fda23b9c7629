// The pipeline: sessions → deduplication → clock → state, windows, airspace, rules → watermark. A list of calls, without
// clock, chance or I/O: the same entries and ticks give the same outputs, bit for bit.
import { Airspace } from "../airspace/airspace.ts";
import type { RecordColumns } from "../columns.ts";
import { Alerts } from "./alerts.ts";
import { BatchIds } from "./batch_ids.ts";
import { Counting, type Step } from "./counting.ts";
import { Drones, isFlying, knownRemainingCpct } from "./drones.ts";
import type { Entry, StepVerdict } from "./entry.ts";
import { LateSink } from "./late.ts";
import { Latency } from "./latency.ts";
import { Listening } from "./listening.ts";
import type { AlertEvent, Output } from "./outputs.ts";
import { Positions } from "./positions.ts";
import { IN_AIR, Rules } from "./rules.ts";
import { Restorer, type SavedRest, type StatePiece } from "./saved.ts";
import { Sessions, type Slots } from "./sessions.ts";
import type { PipelineSettings } from "./settings.ts";
import { Snapshots } from "./snapshot.ts";
import type { DroneView, FleetView } from "./views.ts";
import { Watermark } from "./watermark.ts";
import { Windows } from "./windows.ts";

export { PIPELINE_DEFAULTS, type PipelineSettings } from "./settings.ts";

export class Pipeline {
  readonly #snapshots = new Snapshots();
  readonly #drones: Drones;
  readonly #sessions: Sessions;
  readonly #batchIds: BatchIds;
  readonly #watermark: Watermark;
  readonly #windows: Windows;
  readonly #alerts: Alerts;
  readonly #rules: Rules;
  readonly #airspace: Airspace;
  readonly #positions: Positions;
  readonly #counting: Counting;
  readonly #listening = new Listening();
  readonly #sensorToAlert = new Latency();
  readonly #batches: FleetView["batches"] = { accepted: 0, duplicate: 0, unknownSlot: 0 };

  constructor(settings: PipelineSettings) {
    this.#drones = new Drones(settings.dronesMax);
    this.#sessions = new Sessions(this.#drones, this.#snapshots);
    this.#batchIds = new BatchIds(settings.batchIdsMax);
    this.#watermark = new Watermark(settings);
    this.#windows = new Windows({ ...settings, lowCpct: settings.battery.lowCpct }, this.#snapshots);
    this.#alerts = new Alerts({ ...settings, openMax: settings.openAlertsMax });
    const rules = this.#rules = new Rules(this.#alerts, settings, this.#snapshots);
    const airspace = new Airspace({ ...settings.airspace, tracksMax: settings.dronesMax }, this.#alerts);
    this.#airspace = airspace;
    this.#positions = new Positions({ airspace, rules }, settings.airspace);
    this.#counting = new Counting({ windows: this.#windows, rules, snapshots: this.#snapshots });
  }

  /** All of the state as it is now, to be read in pieces while the pipeline goes on, and before another one is taken. */
  snapshot(): Generator<StatePiece> {
    return this.#snapshots.begin({
      rest: {
        type: "rest",
        batchIds: this.#batchIds.save(),
        watermark: this.#watermark.save(),
        ...this.#windows.save(),
        alerts: this.#alerts.save(),
        airspace: this.#airspace.save(),
        listening: this.#listening.save(),
        counting: this.#counting.save(),
        sensorToAlert: this.#sensorToAlert.save(),
        batches: { ...this.#batches },
      },
      drones: [...this.#drones.values()],
      sessions: this.#sessions.list(),
      seconds: [...this.#windows.seconds],
    });
  }

  /** Brings back a snapshot, into a pipeline that has seen nothing; takes the values over. */
  restore(state: Iterable<StatePiece>): void {
    const restorer = new Restorer();
    for (const piece of state) {
      if (piece.type === "shared") restorer.add(piece);
      else if (piece.type === "known") this.#drones.restore(piece, restorer);
      else if (piece.type === "sources") this.#sessions.restore(piece, restorer);
      else if (piece.type === "panes") this.#windows.restorePanes(piece, restorer);
      else this.#restoreRest(piece);
    }
  }

  /** One batch. `unknown-slot` has changed nothing but the definitions the batch carried itself. */
  step(entry: Entry): { verdict: StepVerdict; outputs: Output[] } {
    const { edgeId, session, sealed, columns, ingestionTimeUs } = entry;
    this.#listening.hear(ingestionTimeUs);
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
    this.#alerts.hops = {
      edgeInUs: Number(sealed.firstIngestionTimeUs),
      edgeOutUs: Number(sealed.sealedTimeUs),
      aggregatorInUs: ingestionTimeUs,
    };
    this.#stepPositions(step);
    this.#stepBatteries(step);
    this.#stepObstacles(step);
    this.#stepNearDuplicates(step);
    this.#alerts.hops = null;
    step.late.flush(edgeId, step.outputs);
    this.#watermark.observe(edgeId, { maxEventUs: step.maxEventUs, nowUs: ingestionTimeUs });
    step.outputs.push(...this.#windows.advance(this.#watermark.advance(ingestionTimeUs), ingestionTimeUs));
    this.#measureAlerts(step);
    return { verdict: "accepted", outputs: step.outputs };
  }

  /** Wall time has passed, in Unix µs. */
  tick(nowUs: number): Output[] {
    const outputs: Output[] = [];
    this.#listening.hear(nowUs);
    const { sinceUs } = this.#listening;
    for (const drone of this.#drones.values()) this.#rules.tick(drone, { nowUs, sinceUs, outputs });
    this.#airspace.tick({ nowUs, trigger: null, outputs }, sinceUs);
    this.#alerts.remind(nowUs, outputs);
    outputs.push(...this.#windows.advance(this.#watermark.advance(nowUs), nowUs));
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
      airspace: this.#airspace.view,
      records: { ...this.#counting.records },
      batches: { ...this.#batches },
      sensorToWindowMs: this.#counting.sensorToWindow.view(),
      sensorToAlertMs: this.#sensorToAlert.view(),
    };
  }

  *drones(): Generator<DroneView> {
    for (const drone of this.#drones.values()) yield drone.view();
  }

  drone(droneId: string): DroneView | undefined {
    return this.#drones.get(droneId)?.view();
  }

  /** The edge that delivered the drone's last record. */
  edgeOf(droneId: string): string | undefined {
    return this.#drones.get(droneId)?.edgeId;
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

  #restoreRest(rest: SavedRest): void {
    this.#batchIds.restore(rest.batchIds);
    this.#watermark.restore(rest.watermark);
    this.#windows.restore(rest);
    this.#alerts.restore(rest.alerts);
    this.#airspace.restore(rest.airspace);
    this.#listening.restore(rest.listening);
    this.#counting.restore(rest.counting);
    this.#sensorToAlert.restore(rest.sensorToAlert);
    Object.assign(this.#batches, rest.batches);
  }

  #stepPositions(step: Step): void {
    const { outputs, entry: { columns: { positions }, ingestionTimeUs: nowUs } } = step;
    this.#counting.each(positions, step, ({ drone, bootId, pane, i, eventTimeUs }) => {
      if (pane) {
        this.#counting.records.position++;
        pane.addPosition(positions, i, eventTimeUs);
      }
      drone.observe({ bootId, seq: positions.seq[i]!, eventTimeUs, flags: positions.flags[i]! });
      if (!drone.observePosition(positions, i, eventTimeUs)) return;
      this.#positions.observe(drone, positions, { i, eventTimeUs, nowUs, outputs });
    });
  }

  #stepBatteries(step: Step): void {
    const { outputs, entry: { columns: { batteries }, ingestionTimeUs: nowUs } } = step;
    this.#counting.each(batteries, step, ({ drone, bootId, pane, i, eventTimeUs }) => {
      if (pane) {
        this.#counting.records.battery++;
        pane.batteries++;
        const cpct = knownRemainingCpct(batteries, i);
        if (cpct !== null) pane.addCharge({ id: batteries.id[i]!, eventTimeUs, seq: batteries.seq[i]!, cpct });
      }
      const changed = drone.observe({ bootId, seq: batteries.seq[i]!, eventTimeUs, flags: batteries.flags[i]! });
      if (changed) this.#positions.flagsChanged(drone, { eventTimeUs, nowUs, outputs });
      const battery = drone.observeBattery(batteries, i, eventTimeUs);
      if (battery) this.#rules.battery(drone, battery, { eventTimeUs, outputs });
    });
  }

  #stepObstacles(step: Step): void {
    const { outputs, entry: { columns: { obstacles }, ingestionTimeUs: nowUs } } = step;
    const firstHits = firstHitsOf(obstacles.hitCount);
    this.#counting.each(obstacles, step, ({ drone, bootId, pane, i, eventTimeUs }) => {
      if (pane) {
        this.#counting.records.obstacles++;
        pane.obstacles++;
      }
      const changed = drone.observe({ bootId, seq: obstacles.seq[i]!, eventTimeUs, flags: obstacles.flags[i]! });
      if (changed) this.#positions.flagsChanged(drone, { eventTimeUs, nowUs, outputs });
      if (!isFlying(drone)) return;
      this.#rules.obstacles(drone, obstacles, { i, firstHit: firstHits[i]!, eventTimeUs, nowUs, outputs });
    });
  }

  #stepNearDuplicates(step: Step): void {
    const { columns: { nearDuplicates }, ingestionTimeUs: nowUs } = step.entry;
    this.#counting.each(nearDuplicates, step, ({ drone, pane, eventTimeUs }) => {
      this.#positions.confirm(drone, { eventTimeUs, nowUs });
      if (!pane) return;
      this.#counting.records.nearDuplicate++;
      pane.positions++;
      pane.nearDuplicates++;
    });
  }

  #measureAlerts({ outputs, entry: { ingestionTimeUs } }: Step): void {
    for (const output of outputs) {
      if (output.type !== "alert" || output.alert.path === null) continue;
      const { transition, path: { eventTimeUs } } = output.alert;
      if (transition === "raise" || transition === "escalate") this.#sensorToAlert.add(ingestionTimeUs - eventTimeUs);
    }
  }
}

function firstHitsOf(hitCount: Uint32Array): Uint32Array {
  const firstHits = new Uint32Array(hitCount.length);
  for (let i = 1; i < hitCount.length; i++) firstHits[i] = firstHits[i - 1]! + hitCount[i - 1]!;
  return firstHits;
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
