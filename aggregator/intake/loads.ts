// How much edges and the aggregator have to do, as numbers that say whether more of them are wanted.
import type { Load } from "../../platform/scaling.ts";
import type { EdgeView } from "./edges.ts";

export interface OwnNow {
  /** Null: nobody can tell. */
  cpuPct: number | null;
  /** How late the event loop came. */
  lagMs: number;
  edgesMax: number;
}

/** Edges that are there and have told how they are. @param isBehind the aggregator is what they wait for */
export function edgesLoad(edges: readonly EdgeView[], { isBehind }: { isBehind: boolean }): Load {
  const told = edges.flatMap(({ connections, status }) => connections > 0 && status ? [status] : []);
  const sum = (name: string) => told.reduce((sum, status) => sum + (status[name] ?? 0), 0);
  const mean = (name: string) => told.length === 0 ? null : sum(name) / told.length;
  const canTell = told.filter(({ cpuCpct = 0 }) => cpuCpct > 0).length;
  const places = sum("connectionsMax");
  return {
    replicas: told.length,
    signals: {
      cpuPct: canTell === 0 ? null : sum("cpuCpct") / canTell / 100,
      lagMs: mean("lagMs"),
      connectionsPct: places === 0 ? null : 100 * sum("connections") / places,
      backlogMs: isBehind ? null : mean("backlogMs"),
    },
  };
}

/** It is one, whatever it has to do. @param isKept the journal can be written: else more aggregators would not help */
export function ownLoad(
  edges: readonly EdgeView[],
  { cpuPct, lagMs, edgesMax, isKept }: OwnNow & { isKept: boolean },
): Load {
  const there = edges.filter(({ connections }) => connections > 0);
  const waits = there.flatMap(({ status }) => status ? [status.backlogMs ?? 0] : []);
  const backlogMs = waits.length === 0 || !isKept ? null : waits.reduce((a, b) => a + b) / waits.length;
  return { replicas: 1, signals: { cpuPct, lagMs, connectionsPct: 100 * there.length / edgesMax, backlogMs } };
}
