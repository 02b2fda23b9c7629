// Warnings on their way to the drones they concern: each goes out at once through the edge that last heard the drone,
// through others when it has moved, again until the drone acknowledges it, and no longer than it is worth delivering.
import { AlertOutcome, type AlertReceipt } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { Latency, type LatencyView } from "../../platform/latency.ts";
import type { AlertEvent, Output } from "../outputs.ts";
import type { Traces } from "../tracing/traces.ts";
import { Clocks } from "./clocks.ts";
import type { DeliveryOutcome, DeliveryReport, StageName } from "./delivery_report.ts";
import { deliveredSpan, deliveryReport, STAGE_NAMES, stagesOf } from "./delivery_report.ts";
import type { Warning } from "./drone_alert.ts";

/** What stands around the warnings. */
export interface WarningsParts {
  /** Unix µs. */
  nowUs: () => number;
  /** Monotonic ms, by which tries are paced. */
  clock: () => number;
  /** The id that a drone uses: the one by which its edge knows it. */
  usedId: (droneId: string) => string;
  /** The edge that last delivered a record of the drone. */
  edgeOf: (droneId: string) => string | undefined;
  /** Edges that are connected now. */
  edges: () => string[];
  /** Hands a connected edge all that it is asked at once. */
  send: (edgeId: string, warnings: Warning[]) => void;
  openAlerts: () => AlertEvent[];
  onReport: (report: DeliveryReport) => void;
  /** Without them nothing is traced. */
  traces?: Pick<Traces, "hear" | "warned" | "warningEnded"> | null;
}

/** What the API shows. */
export interface WarningsView {
  /** Not yet acknowledged. */
  waiting: number;
  outcomes: Record<DeliveryOutcome, number>;
  /** How long each part of the way of acknowledged warnings took; null before the first. */
  stagesMs: Record<StageName, LatencyView | null>;
}

interface Delivery {
  alert: AlertEvent;
  droneId: string;
  raisedUs: number;
  untilMs: number;
  /** The edge that owes a receipt for it; null while none does. */
  owedBy: string | null;
  /** When an edge was asked last; null before the first. */
  askedMs: number | null;
  /** Edges that were asked: nobody else can know what became of it. */
  asked: Set<string>;
  /** Edges that said that the drone is not theirs, since the last pause. */
  unreachable: Set<string>;
  tries: number;
  span: ReturnType<Traces["warned"]>;
}

/** What is asked of edges within one call. */
interface Asking {
  nowUs: number;
  nowMs: number;
  connected: ReadonlySet<string>;
  byEdge: Map<string, Warning[]>;
}

export const WARNING_TTL_MS = 2000;
const RETRY_MS = 300;
/** Warnings that one edge may owe a receipt for; more wait until it answers. */
const IN_FLIGHT_MAX = 1024;
/** Warnings that wait at once; beyond it the oldest is given up. */
const WAITING_MAX = 65_536;
/** Numbers behind the ids of drones whose id is used by another one. */
const DOUBLES = [2, 3, 4, 5, 6, 7];
const WARNED_KINDS: readonly AlertEvent["kind"][] = ["conflict", "crowd", "obstacle"];

/** Deliveries under way. */
export class Warnings {
  readonly #parts: WarningsParts;
  readonly #waiting = new Map<string, Delivery>();
  readonly #inFlight = new Map<string, number>();
  /** By drone and alert: the revision that the drone has acknowledged last, or was sent where it acknowledges nothing. */
  readonly #told = new Map<string, number>();
  readonly edgeClocks = new Clocks();
  readonly #droneClocks = new Clocks();
  readonly #outcomes: Record<DeliveryOutcome, number> = {
    acknowledged: 0,
    delivered: 0,
    undelivered: 0,
    superseded: 0,
  };
  /** How long each part of the way of acknowledged warnings took. */
  readonly stages: ReadonlyMap<StageName, Latency> = new Map(STAGE_NAMES.map((name) => [name, new Latency()]));

  constructor(parts: WarningsParts) {
    this.#parts = parts;
  }

  get view(): WarningsView {
    const stages = STAGE_NAMES.map((name) => [name, this.stages.get(name)?.view() ?? null]);
    return {
      waiting: this.#waiting.size,
      outcomes: { ...this.#outcomes },
      stagesMs: Object.fromEntries(stages) as WarningsView["stagesMs"],
    };
  }

  /** Alerts changed by one arrival: their drones are told of those whose kind concerns them at once. */
  take(alerts: readonly AlertEvent[]): void {
    const warned = alerts.filter(({ kind, transition }) => WARNED_KINDS.includes(kind) && transition !== "acknowledge");
    if (warned.length === 0) return;
    this.#inOneGo((asking) => {
      for (const alert of warned) for (const droneId of alert.droneIds) this.#begin({ alert, droneId }, asking);
    });
  }

  /** What came of one arrival: drones are told of alerts, and forgotten with everybody else. */
  hear(outputs: readonly Output[]): void {
    this.#parts.traces?.hear(outputs);
    this.take(outputs.flatMap((output) => output.type === "alert" ? [output.alert] : []));
    for (const output of outputs) if (output.type === "erased") this.#forget(output.erased.droneIds);
  }

  // Nobody waits for their answers any more.
  #forget(droneIds: readonly string[]): void {
    for (const [key, delivery] of this.#waiting) {
      if (!droneIds.includes(delivery.droneId)) continue;
      this.#settle(delivery);
      this.#waiting.delete(key);
    }
    for (const droneId of droneIds) {
      this.#droneClocks.forget(droneId);
      for (const key of this.#told.keys()) if (key.endsWith(`/${droneId}`)) this.#told.delete(key);
    }
  }

  /** An edge has connected: drones behind it that were not told of an open alert hear of it (again). */
  connected(edgeId: string): void {
    for (const delivery of this.#waiting.values()) if (delivery.owedBy === edgeId) this.#settle(delivery);
    this.#inOneGo((asking) => {
      for (const alert of this.#parts.openAlerts()) {
        if (!WARNED_KINDS.includes(alert.kind)) continue;
        for (const droneId of alert.droneIds) {
          const key = keyOf(alert.alertId, droneId);
          if (this.#parts.edgeOf(droneId) !== edgeId || this.#told.get(key) === alert.revision) continue;
          this.#begin({ alert, droneId }, asking);
        }
      }
    });
  }

  /** An edge says what became of warnings. */
  receipts(edgeId: string, receipts: readonly AlertReceipt[]): void {
    this.#inOneGo((asking) => {
      for (const receipt of receipts) this.#takeReceipt(edgeId, receipt, asking);
    });
  }

  /** An edge has told its time, between two times of ours. */
  probed(edgeId: string, times: { askedUs: number; theirsUs: number; answeredUs: number }): void {
    this.edgeClocks.measure(edgeId, times);
  }

  /** Some ten times a second: asks again where no receipt came, and gives up what is too old. */
  check(): void {
    this.#inOneGo((asking) => {
      for (const [key, delivery] of this.#waiting) this.#checkOne(key, delivery, asking);
    });
  }

  #takeReceipt(edgeId: string, receipt: AlertReceipt, asking: Asking): void {
    const { outcome, revision } = receipt;
    const key = this.#keyOf(edgeId, receipt);
    const delivery = this.#waiting.get(key);
    if (!delivery || delivery.alert.revision !== revision || !delivery.asked.has(edgeId)) return;
    const isAcknowledged = outcome === AlertOutcome.ACKNOWLEDGED;
    if (isAcknowledged || outcome === AlertOutcome.DELIVERED) {
      if (isAcknowledged) this.#measureDrone(edgeId, receipt);
      this.#end(key, delivery, { outcome: isAcknowledged ? "acknowledged" : "delivered", receipt, edgeId });
      this.#told.delete(key);
      if (delivery.alert.transition !== "resolve") this.#told.set(key, revision);
      if (this.#told.size > WAITING_MAX) this.#told.delete(this.#told.keys().next().value!);
    } else if (outcome === AlertOutcome.UNREACHABLE) {
      delivery.unreachable.add(edgeId);
      // It may be late: then another edge has been asked since.
      if (delivery.owedBy !== edgeId) return;
      this.#settle(delivery);
      this.#ask(delivery, asking);
    }
  }

  // Within a pause only an edge is asked that has not been: it had no room before, or was not connected.
  #checkOne(key: string, delivery: Delivery, asking: Asking): void {
    const { askedMs, untilMs } = delivery;
    if (asking.nowMs >= untilMs) {
      return this.#end(key, delivery, { outcome: "undelivered", receipt: null, edgeId: null });
    }
    if (askedMs === null || asking.nowMs - askedMs >= RETRY_MS) {
      this.#settle(delivery);
      delivery.unreachable.clear();
    }
    if (delivery.owedBy === null) this.#ask(delivery, asking);
  }

  // However much is asked of an edge, it is one message.
  #inOneGo(each: (asking: Asking) => void): void {
    const { nowUs, clock, edges } = this.#parts;
    const asking: Asking = { nowUs: nowUs(), nowMs: clock(), connected: new Set(edges()), byEdge: new Map() };
    each(asking);
    for (const [edgeId, warnings] of asking.byEdge) this.#parts.send(edgeId, warnings);
  }

  #begin({ alert, droneId }: { alert: AlertEvent; droneId: string }, asking: Asking): void {
    const key = keyOf(alert.alertId, droneId);
    const before = this.#waiting.get(key);
    if (before) this.#end(key, before, { outcome: "superseded", receipt: null, edgeId: null });
    const oldest = this.#waiting.size >= WAITING_MAX ? this.#waiting.entries().next().value : undefined;
    if (oldest) this.#end(...oldest, { outcome: "undelivered", receipt: null, edgeId: null });
    const raisedUs = asking.nowUs;
    const untilMs = asking.nowMs + WARNING_TTL_MS;
    const unasked = { owedBy: null, askedMs: null, asked: new Set<string>(), unreachable: new Set<string>(), tries: 0 };
    const span = this.#parts.traces?.warned(alert, droneId) ?? null;
    const delivery = { alert, droneId, raisedUs, untilMs, ...unasked, span };
    this.#waiting.set(key, delivery);
    this.#ask(delivery, asking);
  }

  // Its own edge first; of the others whichever has not said that the drone is not there.
  #ask(delivery: Delivery, { nowMs, connected, byEdge }: Asking): void {
    const { alert, droneId, raisedUs, untilMs, unreachable, span } = delivery;
    const own = this.#parts.edgeOf(droneId);
    const fits = (edgeId: string) => connected.has(edgeId) && !unreachable.has(edgeId);
    const other = unreachable.size > 0 ? connected.values().find(fits) : undefined;
    const edgeId = own !== undefined && fits(own) ? own : other;
    if (edgeId === undefined || (this.#inFlight.get(edgeId) ?? 0) >= IN_FLIGHT_MAX) return;
    const said = { named: droneId, alert, raisedUs, ttlMs: Math.max(0, Math.round(untilMs - nowMs)) };
    const warning = { ...said, droneId: this.#parts.usedId(droneId), trace: span?.context };
    const asked = byEdge.get(edgeId);
    if (asked) asked.push(warning);
    else byEdge.set(edgeId, [warning]);
    delivery.owedBy = edgeId;
    delivery.asked.add(edgeId);
    delivery.askedMs = nowMs;
    delivery.tries++;
    this.#inFlight.set(edgeId, (this.#inFlight.get(edgeId) ?? 0) + 1);
  }

  #settle(delivery: Delivery): void {
    const edgeId = delivery.owedBy;
    if (edgeId === null) return;
    delivery.owedBy = null;
    const left = (this.#inFlight.get(edgeId) ?? 0) - 1;
    if (left > 0) this.#inFlight.set(edgeId, left);
    else this.#inFlight.delete(edgeId);
  }

  #end(
    key: string,
    delivery: Delivery,
    { outcome, receipt, edgeId }: { outcome: DeliveryOutcome; receipt: AlertReceipt | null; edgeId: string | null },
  ): void {
    this.#settle(delivery);
    this.#waiting.delete(key);
    this.#outcomes[outcome]++;
    const { alert, droneId, raisedUs, tries, span } = delivery;
    const sourceEdgeId = alert.path ? this.#parts.edgeOf(alert.path.droneId) ?? null : null;
    const report = deliveryReport({ alert, droneId, edgeId, raisedUs, tries, sourceEdgeId }, {
      outcome,
      receipt,
      edges: this.edgeClocks,
      drones: this.#droneClocks,
    });
    for (const [name, us] of Object.entries(stagesOf(report))) {
      if (us !== null && outcome === "acknowledged") this.stages.get(name as StageName)?.add(us);
    }
    if (span) this.#parts.traces?.warningEnded(span, { outcome, tries, delivered: deliveredSpan(report, receipt) });
    this.#parts.onReport(report);
  }

  // An edge knows drones by the id that they use, which may be several drones': it answers for the one that it was asked about.
  #keyOf(edgeId: string, { alertId, droneId }: AlertReceipt): string {
    const doubles = DOUBLES.map((number) => `${droneId}~${number}`).filter((id) => this.#parts.usedId(id) === droneId);
    const keys = [droneId, ...doubles].map((id) => keyOf(Number(alertId), id));
    return keys.find((key) => this.#waiting.get(key)?.owedBy === edgeId) ?? keys[0]!;
  }

  // A drone received the warning between the edge's sending it and the acknowledgement's arrival there.
  #measureDrone(edgeId: string, { droneId, edgeSentUs, droneReceivedUs, edgeAcknowledgedUs }: AlertReceipt): void {
    const offsetUs = this.edgeClocks.of(edgeId)?.offsetUs;
    if (offsetUs === undefined) return;
    this.#droneClocks.measure(droneId, {
      askedUs: Number(edgeSentUs) - offsetUs,
      theirsUs: Number(droneReceivedUs),
      answeredUs: Number(edgeAcknowledgedUs) - offsetUs,
    });
  }
}

function keyOf(alertId: number, droneId: string): string {
  return `${alertId}/${droneId}`;
}
