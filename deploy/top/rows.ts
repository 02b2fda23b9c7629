// The rows of a board's tables: edges, and what takes longest.
import type { Board } from "./board.ts";
import { shown } from "./columns.ts";
import type { EdgeRow, Fleet, Latency } from "./facts.ts";

const UNKNOWN = "–";

/** Between the last two reports. */
export function perSecond({ fleet, before }: Board, read: (fleet: Fleet) => number): string {
  if (!fleet || !before) return UNKNOWN;
  return rate(read(fleet) - read(before), fleet.timeUs - before.timeUs);
}

/** With their heads; those that are away last, then those with most to do first. */
export function edgeRows({ fleet, before }: Board): string[][] {
  const edges = fleet?.edges ?? [];
  const sorted = edges.toSorted((a, b) =>
    Number(b.connections > 0) - Number(a.connections > 0) || number(b, "cpuCpct") - number(a, "cpuCpct") ||
    number(b, "connections") - number(a, "connections")
  );
  const passedUs = fleet && before ? fleet.timeUs - before.timeUs : 0;
  const earlier = new Map(before?.edges.map((edge) => [edge.edgeId, edge]));
  const head = ["edge", "drones", "records/s", "in", "cpu", "level", "lag", "backlog", "version", "region", "state"];
  return [
    head,
    ...sorted.map((edge) => {
      const was = earlier.get(edge.edgeId);
      const per = (name: string) => was?.status ? rate(number(edge, name) - number(was, name), passedUs) : UNKNOWN;
      const bytes = per("receivedBytes");
      return [
        shown(edge.edgeId),
        told(edge, "connections"),
        per("receivedRecords"),
        bytes === UNKNOWN ? bytes : `${(Number(bytes) / 1000).toFixed(1)} kB/s`,
        number(edge, "cpuCpct") === 0 ? UNKNOWN : `${Math.round(number(edge, "cpuCpct") / 100)} %`,
        told(edge, "level"),
        inMs(edge, "lagMs"),
        inMs(edge, "backlogMs"),
        shown(edge.version),
        shown(edge.region),
        edge.connections > 0 ? "here" : "AWAY",
      ];
    }),
  ];
}

/** With their heads, the slowest first. */
export function stageRows({ journal, sensorToWindowMs, sensorToAlertMs, warnings }: Fleet): string[][] {
  const stages: [string, Latency][] = [
    ["sensor to window", sensorToWindowMs],
    ["sensor to alert", sensorToAlertMs],
    ["journal, a commit", journal.commitMs],
    ...Object.entries(warnings.stagesMs).map(([stage, latency]): [string, Latency] => [`warning, ${stage}`, latency]),
  ];
  const known = stages.flatMap(([name, latency]) => latency ? [{ name, ...latency }] : []);
  known.sort((a, b) => b.p99 - a.p99);
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  return [
    ["stage", "p50", "p99", "times"],
    ...known.map(({ name, p50, p99, count }) => [shown(name), ms(p50), ms(p99), `${count}`]),
  ];
}

function rate(count: number, us: number): string {
  // An edge that began anew counts from zero.
  return us <= 0 || count < 0 ? UNKNOWN : `${Math.round(count / (us / 1e6))}`;
}

function number({ status }: EdgeRow, name: string): number {
  return status?.[name] ?? 0;
}

function told({ status }: EdgeRow, name: string): string {
  return status?.[name] === undefined ? UNKNOWN : `${status[name]}`;
}

function inMs(edge: EdgeRow, name: string): string {
  const ms = told(edge, name);
  return ms === UNKNOWN ? ms : `${ms} ms`;
}
