// A fleet of five hundred whose alerts come and go twenty times a tenth of a second, as a scripted pipeline tells it.
import type { AlertEvent, Output } from "../../aggregator/outputs.ts";
import { alert, drone, type FakePipeline } from "../aggregator/fake_pipeline.ts";

const DRONES = 500;
const LASTING = 60;
/** Alerts up to this drone's stay open: nobody can press what has ended. */
export const LASTING_LAST = idOf(LASTING - 1);
const CHANGES_A_TICK = 20;
const PASSING_TICKS = 5;

export interface Storm {
  /** First drones of the alerts that were acknowledged. */
  acknowledged: string[];
  /** Events so far. */
  told: number;
}

/** Sixty alerts stay open; others are raised, critical ones among them, and end half a second later. */
export function stormOf(pipeline: FakePipeline): Storm {
  const storm: Storm = { acknowledged: [], told: 0 };
  const nowUs = () => Date.now() * 1000;
  pipeline.all = Array.from({ length: DRONES }, (_, i) => {
    const at = drone(idOf(i));
    const [row, column] = [Math.floor(i / 25), i % 25];
    return { ...at, position: { ...at.position!, latDeg: 47.4 + row * 1e-3, lonDeg: 8.5 + column * 1e-3 } };
  });
  pipeline.alerts = Array.from({ length: LASTING }, (_, i) => {
    const [raisedTimeUs, severity] = [nowUs() - i * 1e6, i % 3 === 0 ? "critical" as const : "warning" as const];
    return alert(i + 1, { droneIds: [idOf(i)], severity, raisedTimeUs, changedTimeUs: raisedTimeUs });
  });
  let [tick, lastId] = [0, LASTING];
  const passing: { untilTick: number; alert: AlertEvent }[] = [];
  pipeline.tick = () => {
    tick++;
    const outputs: Output[] = [];
    const tell = (alert: AlertEvent) => outputs.push({ type: "alert", alert });
    while (passing[0] && passing[0].untilTick <= tick) {
      const { alert } = passing.shift()!;
      tell({ ...alert, transition: "resolve", revision: 2, changedTimeUs: nowUs() });
    }
    for (let i = 0; i < CHANGES_A_TICK / 2; i++) {
      const id = ++lastId;
      const [raisedTimeUs, severity] = [nowUs(), id % 2 === 0 ? "critical" as const : "warning" as const];
      const raised = alert(id, { droneIds: [idOf(id % DRONES)], severity, raisedTimeUs, changedTimeUs: raisedTimeUs });
      passing.push({ untilTick: tick + PASSING_TICKS, alert: raised });
      tell(raised);
    }
    storm.told += outputs.length;
    return outputs;
  };
  const acknowledge = pipeline.acknowledgeAlert.bind(pipeline);
  pipeline.acknowledgeAlert = (seen) => {
    const known = pipeline.alerts.find(({ alertId }) => alertId === seen.alertId);
    // One that passes can be acknowledged as well.
    const passes = passing.find(({ alert }) => alert.alertId === seen.alertId)?.alert;
    if (known ?? passes) storm.acknowledged.push((known ?? passes)!.droneIds[0]!);
    if (!known) return { found: passes !== undefined, outputs: [] };
    known.revision++;
    return acknowledge(seen);
  };
  return storm;
}

function idOf(i: number): string {
  return `drone-${`${i + 1}`.padStart(4, "0")}`;
}
