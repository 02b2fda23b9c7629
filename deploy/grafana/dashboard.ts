// A dashboard as Grafana reads it, out of panels and the tables of metrics: what no table has cannot be shown, and what no panel
// shows gets one of its own at the end.
import { queriesOf, type Query, type Row, type Shown, unitOf } from "./query.ts";

export interface PanelPlan {
  title: string;
  /** What to look for, such as a budget; without it what the table says of the metric. */
  about?: string;
  /** Names of metrics; what is shown of them where that is not as usual. */
  shows: readonly (string | Shown)[];
}

export interface DashboardPlan {
  /** Its file is called so. */
  uid: string;
  title: string;
  /** Of which the instances are, whom somebody looks at. */
  instancesOf: string;
  rows: readonly { title: string; panels: readonly PanelPlan[] }[];
  /** It is complete: whatever else the tables have is shown as well. */
  isComplete: boolean;
}

const SOURCE = { type: "prometheus", uid: "slipstream" };
const COLUMNS = 24;
const WIDTH = 8;
const HEIGHT = 7;
const REST = "All else";

/** The text of its file. @throws {Error} when a panel shows what no table has, or units that cannot share an axis */
export function dashboard(plan: DashboardPlan, tables: readonly Row[]): string {
  const rows = new Map(tables.map((row) => [row.name, row]));
  const rest = plan.isComplete ? unshown(plan, [...rows.keys()]) : [];
  const restRow = { title: REST, panels: rest.map((name) => ({ title: titleOf(name), shows: [name] })) };
  const panels: Record<string, unknown>[] = [];
  let y = 0;
  for (const { title, panels: planned } of [...plan.rows, ...rest.length > 0 ? [restRow] : []]) {
    panels.push({ id: panels.length + 1, type: "row", title, gridPos: { x: 0, y: y++, w: COLUMNS, h: 1 }, panels: [] });
    for (const [i, panel] of planned.entries()) {
      const gridPos = {
        x: (i * WIDTH) % COLUMNS,
        y: y + HEIGHT * Math.floor(i * WIDTH / COLUMNS),
        w: WIDTH,
        h: HEIGHT,
      };
      panels.push({ id: panels.length + 1, ...panelOf(panel, rows), gridPos });
    }
    y += HEIGHT * Math.ceil(planned.length * WIDTH / COLUMNS);
  }
  const { uid, title, instancesOf } = plan;
  return JSON.stringify(
    { ...FRAME, uid, title, templating: { list: [instances(instancesOf, rows)] }, panels },
    null,
    2,
  ) +
    "\n";
}

const FRAME = {
  tags: ["slipstream"],
  timezone: "utc",
  schemaVersion: 39,
  version: 1,
  refresh: "5s",
  editable: true,
  time: { from: "now-30m", to: "now" },
  annotations: { list: [] },
};

function instances(metric: string, rows: ReadonlyMap<string, Row>): Record<string, unknown> {
  const query = `label_values(${rowOf(metric, rows).name}, instance)`;
  return {
    ...{ name: "instance", label: "Instance", type: "query", datasource: SOURCE, definition: query },
    ...{ query: { query, refId: "instances" }, refresh: 2, sort: 1, multi: true, includeAll: true, allValue: ".*" },
    current: { text: ["All"], value: ["$__all"] },
  };
}

function panelOf({ title, about, shows }: PanelPlan, rows: ReadonlyMap<string, Row>): Record<string, unknown> {
  const shown = shows.map((one) => typeof one === "string" ? { metric: one } : one);
  const [unit = "", ...others] = new Set(shown.map(({ metric }) => unitOf(rowOf(metric, rows))));
  if (others.length > 0) throw new Error(`Cannot show ${title}: ${unit} and ${others.join()} share no axis`);
  const queries = shown.flatMap(({ metric, ...how }) => queriesOf(rowOf(metric, rows), how));
  return {
    ...{ type: "timeseries", title, datasource: SOURCE },
    description: about ?? shown.map(({ metric }) => rowOf(metric, rows).help).join("\n"),
    fieldConfig: { defaults: { unit }, overrides: [] },
    options: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi", sort: "desc" } },
    targets: queries.map(target),
  };
}

function target({ expr, legend }: Query, i: number): Record<string, unknown> {
  return { refId: String.fromCharCode(65 + i), datasource: SOURCE, expr, legendFormat: legend };
}

function rowOf(name: string, rows: ReadonlyMap<string, Row>): Row {
  const row = rows.get(name);
  if (!row) throw new Error(`Cannot show ${name}: no table has it`);
  return row;
}

function unshown({ rows }: DashboardPlan, names: readonly string[]): string[] {
  const shown = new Set(
    rows.flatMap(({ panels }) =>
      panels.flatMap(({ shows }) => shows.map((one) => typeof one === "string" ? one : one.metric))
    ),
  );
  return names.filter((name) => !shown.has(name));
}

function titleOf(name: string): string {
  const words = name.replace(/^slipstream_(edge|aggregator)?_?/, "").replace(/_(total|seconds|bytes)\b/g, "");
  return words[0]!.toUpperCase() + words.slice(1).replaceAll("_", " ");
}
