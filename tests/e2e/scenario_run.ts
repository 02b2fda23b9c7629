// One scenario of the simulated fleet through a system of its own, and everything that can be said of it afterwards.
import type { TumblingWindow } from "../../aggregator/outputs.ts";
import type { FleetView } from "../../aggregator/views.ts";
import { fleetPlan } from "../../sim/fleet.ts";
import { systemPlatform } from "../../platform/system.ts";
import { Run, type RunSummary } from "../../sim/run.ts";
import type { ScenarioName } from "../../sim/scenarios/table.ts";
import type { Emission, Traffic, TrafficPlan } from "../../sim/traffic.ts";
import { type AlertComparison, compareAlerts, type GroundTruth } from "../../sim/truth.ts";
import { type EdgeStatusView, System, until } from "./system.ts";

export interface ScenarioSettings {
  scenario: ScenarioName;
  drones: number;
  seconds: number;
  seed: number;
}

export interface ScenarioResult {
  settings: ScenarioSettings;
  truth: GroundTruth;
  summary: RunSummary;
  /** Frames as they were handed to the sockets, in that order. */
  emissions: Emission[];
  edge: EdgeStatusView;
  fleet: FleetView & { lostRecords: number };
  windows: TumblingWindow[];
  alerts: AlertComparison;
  edgeCode: number;
  aggregatorCode: number;
  stderr: string;
}

export async function runScenario(settings: ScenarioSettings): Promise<ScenarioResult> {
  const { scenario, drones, seconds, seed } = settings;
  await using system = await System.start();
  const recorder = recorded(fleetPlan({ drones, seed, scenario, coalesce: false }));
  const run = new Run({
    url: system.telemetryUrl,
    plan: recorder.plan,
    seconds,
    signal: new AbortController().signal,
    platform: systemPlatform("sim"),
  });
  await run.connect();
  await run.send();
  const { truth } = run;
  if (!truth) throw new Error("Cannot judge the run: it has no ground truth");
  await until(`every record of ${scenario} is in a window`, async () => {
    const { records } = await system.fleet();
    const inWindows = (await system.windows()).reduce((sum, { records: r }) => sum + kindsOf(r), 0);
    return inWindows + records.late >= records.accepted;
  }).catch((error: unknown) => console.error(`NOTICE ${error}`));
  const edge = await system.status();
  await run.close();
  const [fleet, windows] = [await system.fleet(), await system.windows()];
  const alerts = compareAlerts(truth.expectedAlerts, { seen: system.alerts.raised, endUs: run.endUs });
  const stopped = await system.stop();
  return {
    settings,
    truth,
    summary: run.summary(),
    emissions: recorder.emissions,
    edge,
    fleet,
    windows,
    alerts,
    ...stopped,
  };
}

/** Near-duplicates are positions. */
function kindsOf({ position, battery, obstacles }: TumblingWindow["records"]): number {
  return position + battery + obstacles;
}

/** The same plan, and all that it sends. */
export function recorded(plan: TrafficPlan): { plan: TrafficPlan; emissions: Emission[] } {
  const emissions: Emission[] = [];
  const keep = (some: Emission[]) => {
    emissions.push(...some);
    return some;
  };
  const begin = (startUs: number): Traffic => {
    const traffic = plan.begin(startUs);
    return {
      advance: (toUs) => keep(traffic.advance(toUs)),
      finish: (atUs) => keep(traffic.finish(atUs)),
      truth: () => traffic.truth(),
      get ended() {
        return traffic.ended;
      },
    };
  };
  return { plan: { ...plan, begin }, emissions };
}
