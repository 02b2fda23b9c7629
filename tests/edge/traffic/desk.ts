// One aircraft, and where reports of such come together.
import { zeroCounters } from "../../../edge/counters.ts";
import { TrafficReports } from "../../../edge/ingest/traffic/reports.ts";
import type { Traffic } from "../../../wasm/mavlink/traffic.ts";
import { World } from "../../simulation/world.ts";

export const AIRCRAFT: Traffic = {
  ...{ source: "ads-b", address: "4ca123", name: "SWR12", category: 0, crewed: true, ageS: null },
  ...{ latE7: 473_977_400, lonE7: 85_455_900, altitude: { mm: 457_200, above: "pressure" } },
  ...{ trackCdeg: 9000, speedCms: 6173, climbCms: -325, airborne: true },
};

/** Reports in a time that the test lets pass, and what the aggregator is told. */
export function desk({ own = [] as string[] } = {}) {
  const world = new World(1);
  const counters = zeroCounters();
  const told: { atMs: number; ids: string[]; ages: number[] }[] = [];
  const state = { isConnected: true };
  const reports = new TrafficReports({
    counters,
    own: new Set(own),
    clock: () => world.nowMs,
    after: (ms, fn) => world.after(ms, fn),
    soon: (fn) => void world.after(0, fn),
    tell: ({ value }) => {
      if (!state.isConnected) return false;
      const [ids, ages] = [value.reports.map(({ id }) => id!), value.reports.map(({ ageMs }) => ageMs!)];
      told.push({ atMs: world.nowMs, ids, ages });
      return true;
    },
  });
  const pass = (ms: number) => world.run(world.nowMs + ms);
  const countsOf = () => {
    const { trafficHeard, trafficTold, trafficReplaced, trafficRefused, trafficOwn } = counters;
    return [trafficHeard, trafficTold, trafficReplaced, trafficRefused, trafficOwn];
  };
  return { reports, told, pass, state, countsOf };
}
