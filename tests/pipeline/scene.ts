// A sky over a pipeline, in tenths of a second: drones that fly and tell it by clocks that may be wrong, through edges that
// may be away.
import type { AlertEvent, Output } from "../../aggregator/outputs.ts";
import { Pipeline, PIPELINE_DEFAULTS, type PipelineSettings } from "../../aggregator/pipeline/pipeline.ts";
import { makeEntry, type Row, type SlotInit } from "./build_batch.ts";

export const T0 = 1_790_000_000_000_000;
export const S = 1_000_000;
export const FLYING = 3;
/** Of latitude and, at 47.4° north, of longitude, in 1e-7 degrees. */
export const NORTH_E7_PER_M = 89.932;
export const EAST_E7_PER_M = 89.932 / Math.cos(47.4 * Math.PI / 180);
const TRANSPORT_US = 5000;
const SENSED_S = 0.05;

export interface DroneInit {
  droneId: string;
  slot: number;
  bootId?: number;
  /** Where it is told to be at a time, in m and m/s north and east of a point; null: nothing is told. */
  at: (s: number) => { northM: number; eastM: number; vnMps?: number; veMps?: number } | null;
  /** Its clock against the truth, in s, at a time. */
  clockS?: (s: number) => number;
  edgeId?: string;
  seq?: number;
  /** In one batch with each position comes what its sensor saw SENSED_S before, numbered before it. */
  senses?: boolean;
}

export class Scene {
  readonly pipeline: Pipeline;
  readonly alerts: (AlertEvent & { atS: number })[] = [];
  readonly outputs: Output[] = [];
  nowS = 0;
  readonly #drones: (DroneInit & { seq: number })[];

  constructor(drones: DroneInit[] = [], settings: Partial<PipelineSettings> = {}) {
    this.pipeline = new Pipeline({ ...PIPELINE_DEFAULTS, ...settings });
    this.#drones = drones.map((drone) => ({ seq: 0, ...drone }));
  }

  get nowUs(): number {
    return T0 + Math.round(this.nowS * S);
  }

  /** Ten times a second until then: all drones tell where they are, and time passes. */
  flyTo(untilS: number, also: (s: number) => void = () => {}): void {
    for (; this.nowS < untilS - 1e-9; this.nowS = Math.round(this.nowS * 10 + 1) / 10) {
      for (const drone of this.#drones) this.#tell(drone);
      also(this.nowS);
      this.take(this.pipeline.tick(this.nowUs + 50_000));
    }
  }

  /** A batch that arrives now. */
  send(rows: Row[], { slots = [], edgeId = "e1", sealedUs = this.nowUs - 1000 }: {
    slots?: SlotInit[];
    edgeId?: string;
    sealedUs?: number;
  } = {}): Output[] {
    const entry = makeEntry({ rows, slots, edgeId, ingestionTimeUs: this.nowUs });
    entry.sealed.sealedTimeUs = BigInt(sealedUs);
    entry.sealed.firstIngestionTimeUs = BigInt(sealedUs);
    return this.take(this.pipeline.step(entry).outputs);
  }

  take(outputs: Output[]): Output[] {
    this.outputs.push(...outputs);
    for (const output of outputs) {
      if (output.type === "alert") this.alerts.push({ ...output.alert, atS: this.nowS });
    }
    return outputs;
  }

  /** When alerts of a kind were raised or escalated, in s, with their severity. */
  raised(kind: AlertEvent["kind"]): [atS: number, severity: string][] {
    return this.alerts.filter((alert) => alert.kind === kind && /raise|escalate/.test(alert.transition))
      .map(({ atS, severity }) => [atS, severity]);
  }

  #tell(drone: DroneInit & { seq: number }): void {
    const place = drone.at(this.nowS);
    if (!place) return;
    const { droneId, slot, bootId = 1, edgeId, clockS = () => 0 } = drone;
    const { northM, eastM, vnMps = 0, veMps = 0 } = place;
    const eventTimeAt = (s: number) => T0 + Math.round((s + clockS(s)) * S) - TRANSPORT_US;
    const rows: Row[] = [];
    if (drone.senses) {
      const eventTimeUs = eventTimeAt(this.nowS - SENSED_S);
      rows.push({ kind: "obstacles", slot, seq: ++drone.seq, eventTimeUs, flags: FLYING });
    }
    const fix = {
      latE7: Math.round(474_000_000 + northM * NORTH_E7_PER_M),
      lonE7: Math.round(85_000_000 + eastM * EAST_E7_PER_M),
      altMslMm: 500_000,
      vnCms: Math.round(vnMps * 100),
      veCms: Math.round(veMps * 100),
      hAccMm: 500,
      vAccMm: 500,
    };
    const eventTimeUs = eventTimeAt(this.nowS);
    rows.push({ kind: "position", slot, seq: ++drone.seq, eventTimeUs, flags: FLYING, ...fix });
    this.send(rows, { slots: [{ slot, droneId, bootId }], ...edgeId && { edgeId } });
  }
}

/** On a straight line, from a place at a time. */
export function straight(
  { fromS = 0, northM = 0, eastM = 0, vnMps = 0, veMps = 0 }: {
    fromS?: number;
    northM?: number;
    eastM?: number;
    vnMps?: number;
    veMps?: number;
  },
): DroneInit["at"] {
  return (s) => ({ northM: northM + vnMps * (s - fromS), eastM: eastM + veMps * (s - fromS), vnMps, veMps });
}
