import { assertEquals, assertGreater, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AGGREGATOR_METRICS } from "../../aggregator/api/fleet_metrics.ts";
import { EDGE_METRICS } from "../../edge/metrics/edge_metrics.ts";
import { NODE_METRICS } from "../../edge/node/node_metrics.ts";
import { withAggregator } from "../aggregator/rig.ts";
import { withEdge } from "../edge/rig.ts";
import { tool } from "../identity/tools.ts";
import { hasPromtool, PROMTOOL, ROOT } from "./tools.ts";

const TABLES = { edge: [...EDGE_METRICS, ...NODE_METRICS], aggregator: AGGREGATOR_METRICS };
/** Of each the values are few, and none is somebody's name. */
const LABELS = new Set([
  ...["verdict", "lane", "reason", "part", "version", "deno", "state", "fate", "kind", "severity", "acknowledged"],
  ...["transition", "revision", "outcome", "stage", "protocol", "edge", "webhook", "destination", "topic"],
]);

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
const all = Object.values(TABLES).flatMap((table) =>
  table.flatMap(({ name, type }) =>
    type === "histogram" ? ["bucket", "sum", "count"].map((part) => `${name}_${part}`) : [name]
  )
);
/** What is recorded has another name, with colons. */
const namedIn = (text: string) => text.match(/(?<![:\w]|externalLabels\.)(?:slipstream|process)_[a-z0-9_]+\b/g) ?? [];

describe("metrics", () => {
  for (const [process, table] of Object.entries(TABLES)) {
    it(`of ${process} are named by Prometheus' rules, each once, and say what they are`, () => {
      assertEquals(new Set(table.map(({ name }) => name)).size, table.length);
      for (const { name, help, type, labels = [] } of table) {
        assertMatch(name, new RegExp(`^(process|slipstream|slipstream_${process})_[a-z][a-z_]*[a-z]$`));
        assertEquals(name.endsWith("_total"), type === "counter", name);
        if (type === "histogram") assertMatch(name, /_seconds$/);
        assertEquals(/_(ms|milliseconds|kib|mib|kilobytes|count|sum|bucket)(_total)?$/.test(name), false, name);
        assertMatch(help, /^[A-Z0-9][^\n]{5,}[^.]$/, name);
        assertEquals(labels.filter((label) => !LABELS.has(label)), [], name);
      }
    });
  }

  it("that dashboards and rules name are all there", async () => {
    const folder = "deploy/grafana/dashboards";
    const dashboards = [...Deno.readDirSync(new URL(folder, ROOT))].map(({ name }) => `${folder}/${name}`);
    for (const path of [...dashboards, "deploy/prometheus/rules.yml"]) {
      const named = namedIn(await read(path));
      assertGreater(named.length, 5, path);
      assertEquals(named.filter((name) => !all.includes(name)), [], path);
    }
  });
});

describe("promtool", { ignore: !hasPromtool }, () => {
  const check = async (...args: string[]) => {
    const { code, out, err } = await tool(PROMTOOL, ["check", ...args]);
    assertEquals(code, 0, out + err);
  };

  it("finds nothing to say of what edge and aggregator tell", async () => {
    const asked = async (url: string) => {
      const { code, out, err } = await tool(PROMTOOL, ["check", "metrics"], {
        input: await (await fetch(`${url}/metrics`)).text(),
      });
      assertEquals([code, out, err], [0, "", ""]);
    };
    await withEdge({}, ({ url }) => asked(url));
    await withAggregator({}, ({ aggregator }) => asked(aggregator.url));
  });

  it("takes the rules, and the configuration but for files of an installation", async () => {
    await check("rules", new URL("deploy/prometheus/rules.yml", ROOT).pathname);
    await check("config", "--syntax-only", new URL("deploy/prometheus/prometheus.yml", ROOT).pathname);
  });
});
