// Grafana's dashboards: what no table of metrics has cannot be in them, and what one has is in one of them.
import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AGGREGATOR_METRICS } from "../../aggregator/api/fleet_metrics.ts";
import { EDGE_METRICS } from "../../edge/metrics/edge_metrics.ts";
import { NODE_METRICS } from "../../edge/node/node_metrics.ts";
import { dashboard, type DashboardPlan } from "../../deploy/grafana/dashboard.ts";
import { dashboards } from "../../deploy/grafana/dashboards.ts";
import { queriesOf, type Row, unitOf } from "../../deploy/grafana/query.ts";
import { tool } from "../identity/tools.ts";
import { hasPromtool, PROMTOOL, ROOT } from "./tools.ts";

interface Panel {
  id: number;
  type: string;
  title: string;
  description: string;
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig: { defaults: { unit: string } };
  targets?: { expr: string; legendFormat: string; datasource: { uid: string } }[];
}

const FILES = new Map([...dashboards()].map(([name, text]) => [name, JSON.parse(text)]));
const panelsOf = (name: string): Panel[] => FILES.get(name).panels;
const ALL = [...FILES.keys()].flatMap(panelsOf);
const QUERIES = ALL.flatMap(({ targets = [] }) => targets);

const TABLE: Row[] = [
  { name: "seen_total", help: "All that was seen", type: "counter" },
  { name: "free_bytes", help: "Room", type: "gauge", together: "min" },
  { name: "open", help: "Open ones", type: "gauge", labels: ["kind", "severity"] },
  { name: "delay_seconds", help: "How long", type: "histogram", labels: ["stage"] },
];
const plan = (over: Partial<DashboardPlan>): DashboardPlan => ({
  ...{ uid: "uid", title: "Title", instancesOf: "open", rows: [], isComplete: false },
  ...over,
});
const showing = (...shows: string[]) => plan({ rows: [{ title: "Row", panels: [{ title: "Panel", shows }] }] });

describe("a query of a metric", () => {
  const exprOf = (name: string, how = {}) => queriesOf(TABLE.find((row) => row.name === name)!, how);

  it("is a rate of what counts, a level of what does not, and quantiles of a histogram", () => {
    assertEquals(exprOf("seen_total"), [{
      expr: 'sum by (instance) (rate(seen_total{instance=~"$instance"}[$__rate_interval]))',
      legend: "{{instance}}",
    }]);
    assertEquals(exprOf("free_bytes", { as: "free" }), [
      { expr: 'min by (instance) (free_bytes{instance=~"$instance"})', legend: "free {{instance}}" },
    ]);
    assertEquals(exprOf("open", { by: ["kind"], where: 'severity="high"' }), [
      { expr: 'sum by (kind) (open{instance=~"$instance", severity="high"})', legend: "{{kind}}" },
    ]);
    assertEquals(exprOf("delay_seconds", { quantiles: [0.99] }), [{
      expr: "histogram_quantile(0.99, sum by (stage, le) " +
        '(rate(delay_seconds_bucket{instance=~"$instance"}[$__rate_interval])))',
      legend: "p99 {{stage}}",
    }]);
    assertEquals(exprOf("free_bytes", { time: "until" })[0]!.expr.endsWith(" - time()"), true);
  });

  it("has the unit in which its metric is told, or of its rate", () => {
    assertEquals(TABLE.map(unitOf), ["cps", "bytes", "short", "s"]);
    assertEquals(unitOf({ name: "sent_bytes_total", type: "counter" }), "Bps");
    assertEquals(unitOf({ name: "cpu_seconds_total", type: "counter" }), "percentunit");
  });
});

describe("a dashboard", () => {
  it("is not made of what no table has, or of units that share no axis", () => {
    assertThrows(() => dashboard(showing("gone"), TABLE), Error, "Cannot show gone: no table has it");
    assertThrows(() => dashboard(plan({ instancesOf: "gone" }), TABLE), Error, "Cannot show gone");
    assertThrows(() => dashboard(showing("open", "free_bytes"), TABLE), Error, "share no axis");
  });

  it("that is complete has at its end what no panel shows", () => {
    const { panels } = JSON.parse(dashboard({ ...showing("open"), isComplete: true }, TABLE));
    assertEquals(panels.map(({ title }: Panel) => title), ["Row", "Panel", "All else", "Seen", "Free", "Delay"]);
  });

  it("is what is committed", async () => {
    const folder = new URL("deploy/grafana/dashboards/", ROOT);
    for (const [name, text] of dashboards()) assertEquals(await Deno.readTextFile(new URL(name, folder)), text, name);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [...FILES.keys()].sort());
  });

  it("has panels that are told apart, do not lie on each other, and ask the source that is provisioned", async () => {
    const source = await Deno.readTextFile(new URL("deploy/grafana/provisioning/datasources/prometheus.yaml", ROOT));
    for (const name of FILES.keys()) {
      const panels = panelsOf(name);
      assertEquals(new Set(panels.map(({ id }) => id)).size, panels.length);
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, i) => `${x + i % w} ${y + Math.floor(i / w)}`)
      );
      assertEquals(new Set(cells).size, cells.length, name);
      for (const { type, title, targets = [], fieldConfig, description } of panels) {
        if (type === "row") continue;
        assertGreater(targets.length, 0, title);
        assertEquals([fieldConfig.defaults.unit === "", description === ""], [false, false], title);
        const legends = targets.map(({ legendFormat }) => legendFormat);
        assertEquals([new Set(legends).size, legends.includes("")], [legends.length, false], `${name}: ${title}`);
      }
    }
    const uids = new Set(QUERIES.map(({ datasource }) => datasource.uid));
    assertEquals([...uids].map((uid) => source.includes(`uid: ${uid}\n`)), [true]);
  });

  it("of one process or the other shows each metric that there is", () => {
    const asked = QUERIES.map(({ expr }) => expr).join("\n");
    const tables = [...EDGE_METRICS, ...NODE_METRICS, ...AGGREGATOR_METRICS];
    const missing = tables.filter(({ name }) => !new RegExp(`\\b${name}(_bucket)?\\{`).test(asked));
    assertEquals(missing.map(({ name }) => name), []);
  });
});

describe("promtool", { ignore: !hasPromtool }, () => {
  it("can read each query", async () => {
    // As rules: what asks for a query alone came with later versions.
    const rules = QUERIES.map(({ expr }, i) => ({
      record: `asked:query${i}`,
      expr: expr.replaceAll("$__rate_interval", "5m").replaceAll("$instance", ".*"),
    }));
    assertGreater(rules.length, 100);
    const path = await Deno.makeTempFile({ suffix: ".json" });
    try {
      // JSON is YAML as well.
      await Deno.writeTextFile(path, JSON.stringify({ groups: [{ name: "dashboards", rules }] }));
      const { code, out, err } = await tool(PROMTOOL, ["check", "rules", path]);
      assertEquals([code, out.includes(`${rules.length} rules found`)], [0, true], out + err);
      await Deno.writeTextFile(
        path,
        JSON.stringify({ groups: [{ name: "g", rules: [{ ...rules[0], expr: "sum by (" }] }] }),
      );
      assertEquals((await tool(PROMTOOL, ["check", "rules", path])).code === 0, false);
    } finally {
      await Deno.remove(path);
    }
  });
});
