// The pipeline: sessions → deduplication → clock → state, windows, airspace, rules → watermark. A list of calls, without
// clock, chance or I/O: the same entries and ticks give the same outputs, bit for bit.
import { Airspace } from "../airspace/airspace.ts";
import { EdgePresence } from "../../proto/gen/slipstream/v1/journal_pb.ts";
import { Alerts } from "../alerts/alerts.ts";
import { measureAlerts } from "./records/alert_latency.ts";
import { BatchIds } from "../batch/batch_ids.ts";
import { timeUs } from "../../platform/bounds.ts";
import { Counting, type OnCounted, type Step } from "./records/counting.ts";
import { Doubles, type Moment } from "./records/doubles.ts";
import type { Drone } from "./drones/drone.ts";
import { Drones } from "./drones/drones.ts";
import { type FleetParts, fleetView } from "./fleet_view.ts";
import type { EdgeChange, Entry, LinkLosses, Stepped, TrafficHeard } from "../batch/entry.ts";
import { Erasing } from "./records/erasing.ts";
import { Hearing } from "./edges/hearing.ts";
import { LateSink } from "./windows/late.ts";
import { Latency } from "../../platform/latency.ts";
import { Listening } from "./state/listening.ts";
import type { AlertEvent, Output } from "../outputs.ts";
import { Operating } from "./operating.ts";
import { pass, stepClocks, type TimedParts } from "./passing.ts";
import { Positions } from "./records/positions.ts";
import { Attempts, quarantined } from "./records/quarantine.ts";
import { Records } from "./records/records.ts";
import { Rules } from "./records/rules.ts";
import { type KeptParts, restoreRest, saveRest } from "./state/rest.ts";
import { Restorer, type StatePiece } from "./state/saved.ts";
import { Sessions, undefinedIn } from "./drones/sessions.ts";
import type { PipelineSettings } from "./settings.ts";
import { Snapshots } from "./state/snapshot.ts";
import type { DroneView, FleetView, TrafficView } from "../views.ts";
import type { OnTumbling } from "./windows/tumbling.ts";
import { Traffic } from "./traffic/traffic.ts";
import { Tuning } from "./tuning.ts";
import { Watermark } from "./windows/watermark.ts";
import { Windows, type WindowsBefore } from "./windows/windows.ts";

export { PIPELINE_DEFAULTS, type PipelineSettings } from "./settings.ts";

/** `fixed`: names of settings that no entry changes. */
type PipelineOptions = { fixed?: ReadonlySet<string>; onCounted?: OnCounted; onTumbling?: OnTumbling };

export class Pipeline {
  readonly #snapshots = new Snapshots();
  readonly #operating: Operating;
  readonly #drones: Drones;
  readonly #sessions: Sessions;
  readonly #batchIds: BatchIds;
  readonly #watermark: Watermark;
  readonly #windows: Windows;
  readonly #alerts: Alerts;
  readonly #rules: Rules;
  readonly #airspace: Airspace;
  readonly #records: Records;
  readonly #hearing: Hearing;
  readonly #doubles: Doubles;
  readonly #traffic: Traffic;
  readonly #erasing: Erasing;
  readonly #listening = new Listening();
  /** How late records come: to their windows, and to the alerts that they raise. */
  readonly latencies: Readonly<Record<"sensorToWindow" | "sensorToAlert", Latency>>;
  readonly #batches: FleetView["batches"] = { accepted: 0, duplicate: 0, unknownSlot: 0, quarantined: 0 };
  readonly #kept: KeptParts;
  readonly #timed: TimedParts;
  readonly #fleetParts: FleetParts;

  constructor(initial: PipelineSettings, options: PipelineOptions = {}) {
    const tuning = new Tuning(initial, options.fixed);
    const { settings } = tuning;
    const snapshots = this.#snapshots;
    const drones = this.#drones = new Drones(settings.dronesMax, snapshots);
    const sessions = this.#sessions = new Sessions(drones, snapshots);
    const batchIds = this.#batchIds = new BatchIds(settings.batchIdsMax);
    const watermark = this.#watermark = new Watermark(settings);
    const windows = this.#windows = new Windows(settings, snapshots, options);
    const alerts = this.#alerts = new Alerts(settings);
    const rules = this.#rules = new Rules(alerts, settings, snapshots);
    const airspace = this.#airspace = new Airspace(settings.airspace, { tracksMax: settings.dronesMax, alerts });
    const isDrone = (id: string) => drones.get(id) !== undefined;
    const traffic = this.#traffic = new Traffic({ airspace, isDrone }, settings.airspace);
    const positions = new Positions({ airspace, rules }, settings.airspace);
    const ground = (drone: Drone, moment: Moment) => positions.ground(drone, moment);
    const doubles = this.#doubles = new Doubles({ drones, sessions, rules, watch: snapshots, ground });
    const hearing = this.#hearing = new Hearing(alerts, settings);
    const counting = new Counting({ windows, rules, watch: snapshots, doubles, hearing, ...options });
    this.#records = new Records({ counting, positions, rules });
    const known = { drones, sessions, rules, airspace, alerts, windows };
    const erasing = this.#erasing = new Erasing({ ...known, giveUpSnapshot: () => snapshots.giveUp() }, settings);
    this.#operating = new Operating({ tuning, alerts });
    const [listening, sensorToAlert, batches] = [this.#listening, new Latency(), this.#batches];
    this.latencies = { sensorToWindow: counting.sensorToWindow, sensorToAlert };
    this.#fleetParts = {
      ...{ watermark, drones, alerts, hearing, airspace, counting, windows, traffic },
      ...{ sensorToAlert, batches },
    };
    this.#timed = { drones, snapshots, rules, hearing, watermark, windows, airspace, traffic, erasing, alerts };
    this.#kept = {
      ...this.#operating.kept,
      ...{ batchIds, watermark, windows, alerts, airspace, counting, hearing, listening, sensorToAlert, traffic },
      erasures: erasing,
      batches: { save: () => ({ ...batches }), restore: (saved) => void Object.assign(batches, saved) },
    };
  }

  /** All of the state as it is now, to be read in pieces while the pipeline goes on, and before another one is taken. */
  snapshot(): Generator<StatePiece> {
    return this.#snapshots.begin({
      rest: saveRest(this.#kept),
      drones: [...this.#drones.values()],
      sessions: this.#sessions.list(),
      seconds: [...this.#windows.seconds],
      pastSeconds: [...this.#windows.past.seconds],
      pastFirings: [...this.#windows.past.firings],
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
      else if (piece.type === "past") this.#windows.restorePast(piece, restorer);
      else restoreRest(this.#kept, piece);
    }
  }

  /** One batch. `unknown-slot` has changed nothing but the definitions the batch carried itself. */
  step(entry: Entry): Stepped {
    const { edgeId, session, sealed, columns, ingestionTimeUs: nowUs } = entry;
    this.#listening.hear(nowUs);
    if (this.#batchIds.has(sealed.batchId)) {
      this.#batches.duplicate++;
      return { verdict: "duplicate", outputs: [] };
    }
    const before: Output[] = [];
    for (const { droneId } of sealed.slots) this.#doubles.makeRoomFor(droneId, { nowUs, outputs: before });
    const slots = this.#sessions.define({ edgeId, session, nowUs }, sealed.slots);
    const voidSlots = new Set(sealed.voidSlots);
    const unknownSlots = undefinedIn(columns, { slots, voidSlots });
    if (unknownSlots.length > 0) {
      this.#batches.unknownSlot++;
      return { verdict: "unknown-slot", outputs: before, unknownSlots };
    }
    this.#batchIds.add(sealed.batchId);
    this.#batches.accepted++;
    const [edgeInUs, edgeOutUs] = [timeUs(sealed.firstIngestionTimeUs), timeUs(sealed.sealedTimeUs)];
    const delayed = this.#watermark.arrived(edgeId, { sealedUs: edgeOutUs, nowUs });
    const heard = { entry, slots, delayed, voidSlots };
    const step: Step = { ...heard, outputs: before, late: new LateSink(), maxEventUs: -Infinity };
    const attempts = this.#attempts(step.outputs, "batch", entry);
    this.#alerts.hops = { edgeInUs, edgeOutUs, aggregatorInUs: nowUs };
    this.#records.apply(step, attempts);
    this.#alerts.hops = null;
    step.late.flush(edgeId, step.outputs);
    this.#watermark.observe(edgeId, { maxEventUs: step.maxEventUs, nowUs });
    attempts.run(() => this.#advance(nowUs, step.outputs));
    measureAlerts(this.latencies.sensorToAlert, { outputs: step.outputs, ingestionTimeUs: nowUs });
    return { verdict: "accepted", outputs: step.outputs };
  }

  /** Wall time has passed, in Unix µs. */
  tick(nowUs: number): Output[] {
    const outputs: Output[] = [];
    const attempts = this.#attempts(outputs, "tick", null);
    this.#listening.hear(nowUs);
    pass(this.#timed, { nowUs, sinceUs: this.#listening.sinceUs, outputs }, attempts);
    attempts.run(() => this.#advance(nowUs, outputs));
    return outputs;
  }

  /** The host's clock was set by `stepUs`; `nowUs` is the time after it. What is remembered in its time moves along. */
  clockStepped({ stepUs, nowUs }: { stepUs: number; nowUs: number }): Output[] {
    this.#listening.clockStepped(stepUs);
    stepClocks(this.#timed, { stepUs, nowUs });
    return [];
  }

  /** An edge came, was lost, or left, or hears its drones later than before. */
  edgeChanged({ edgeId, presence, lateMs = 0 }: EdgeChange): Output[] {
    const isNew = this.#watermark.edgeChanged(edgeId, presence);
    this.#hearing.lateChanged(edgeId, lateMs);
    const isAwaited = presence === EdgePresence.LOST || presence === EdgePresence.BEHIND;
    if (isNew && !isAwaited) this.#windows.edgeReturned(edgeId);
    return [];
  }

  /** Of these drones those in the air that the edge heard last are lost at once. */
  linksLost({ edgeId, droneIds, nowUs }: LinkLosses & { nowUs: number }): Output[] {
    const drones = droneIds.map((droneId) => this.#drones.get(droneId)).filter((drone) => drone?.edgeId === edgeId);
    return drones.flatMap((drone) => drone ? this.#rules.disconnected(drone, nowUs) : []);
  }

  /** Aircraft that are nobody's here were heard. */
  trafficHeard(heard: TrafficHeard & { nowUs: number }): Output[] {
    this.#listening.hear(heard.nowUs);
    return this.#traffic.hear(heard);
  }

  acknowledgeAlert(seen: Parameters<Operating["acknowledge"]>[0]): { found: boolean; outputs: Output[] } {
    return this.#operating.acknowledge(seen);
  }

  /** Forgets a drone; `name` stands in its place. It is done once that is among the outputs: see Erasing. */
  erase({ droneId, name, nowUs }: { droneId: string; name: string; nowUs: number }): Output[] {
    const outputs: Output[] = [];
    this.#erasing.begin({ droneId, name, nowUs, outputs });
    this.#advance(nowUs, outputs);
    return outputs;
  }

  configure = (change: Parameters<Operating["configure"]>[0]): Output[] => this.#operating.configure(change);
  started = (start: Parameters<Operating["started"]>[0]): Output[] => this.#operating.started(start);
  record = (done: Parameters<Operating["record"]>[0]): Output[] => this.#operating.record(done);

  /** What operators have made of it. */
  get operated(): Pick<Operating, "settings" | "environment" | "auditHead"> {
    return this.#operating;
  }

  /** Alerts up to this number were raised, though not here. @returns the highest number of all that were; 0: none was */
  skipAlertIds(lastId: number): number {
    return this.#alerts.skipIds(lastId);
  }

  get windowsBefore(): WindowsBefore {
    return this.#windows.before;
  }

  fleet = (): FleetView => fleetView(this.#fleetParts);

  *drones(): Generator<DroneView> {
    for (const drone of this.#drones.values()) yield drone.view();
  }

  drone(droneId: string): DroneView | undefined {
    return this.#drones.get(droneId)?.view();
  }

  /** Drones that fell silent in the air, and how far each may be from its last position, in metres. */
  ghosts(nowUs: number): Map<string, number> {
    return this.#airspace.ghosts(nowUs);
  }

  /** Aircraft that are nobody's here. */
  traffic(): TrafficView[] {
    return this.#traffic.views();
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
    return [...new Set(this.#alerts.openDrones().map((droneId) => this.usedId(droneId)))];
  }

  /** Edges, and whether they are there, as the pipeline was told. */
  edges(): [edgeId: string, presence: EdgePresence, lateMs: number][] {
    return this.#watermark.presences().map(([edgeId, presence]) => [edgeId, presence, this.#hearing.lateMs(edgeId)]);
  }

  /** The id that a drone uses, which others may use as well. */
  usedId(droneId: string): string {
    return this.#drones.get(droneId)?.doubleOf ?? droneId;
  }

  knowsBatch(batchId: Uint8Array): boolean {
    return this.#batchIds.has(batchId);
  }

  sessionKnown(edgeId: string, session: bigint): boolean {
    return this.#sessions.known(edgeId, session);
  }

  #advance(nowUs: number, outputs: Output[]): void {
    for (const drone of this.#drones.takeForgotten()) this.#rules.forgotten(drone, { nowUs, outputs });
    const missing = (endUs: number) => this.#watermark.missing(endUs, nowUs);
    outputs.push(...this.#windows.advance(this.#watermark.advance(nowUs), { nowUs, missing }));
    this.#erasing.advance(outputs);
  }

  #attempts(outputs: Output[], what: "batch" | "tick", batch: Entry | null): Attempts {
    return new Attempts(outputs, (error) => {
      this.#batches.quarantined++;
      return quarantined(what, error, batch);
    });
  }
}
