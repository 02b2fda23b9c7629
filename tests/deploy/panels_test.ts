// What Grafana's panels ask, asked of a Prometheus that scrapes an edge and an aggregator: whatever these tell is shown.
import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { dashboards } from "../../deploy/grafana/dashboards.ts";
import { runToEnd } from "../e2e/process.ts";
import { System, until } from "../e2e/system.ts";
import { ask, startPrometheus } from "./daemon.ts";
import { hasPrometheus } from "./tools.ts";

interface Panel {
  title: string;
  targets?: { expr: string }[];
}

const LIMIT_MS = 30_000;

/** What each panel asks, with Grafana's variables as they are where nothing is chosen. */
function questions(): { title: string; expr: string; metric: string }[] {
  const panels = [...dashboards()].flatMap(([, text]): Panel[] => JSON.parse(text).panels);
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      title,
      expr: expr.replaceAll("$__rate_interval", "10s").replaceAll("$instance", ".*"),
      metric: /\b(?:slipstream|process)_\w+(?=\{)/.exec(expr)![0],
    }))
  );
}

/** Names of what is told, without those of which there is nothing by now. */
async function toldBy(...urls: string[]): Promise<Set<string>> {
  const texts = await Promise.all(urls.map(async (url) => await (await fetch(`${url}/metrics`)).text()));
  return new Set(texts.flatMap((text) => [...text.matchAll(/^(\w+)[ {]/gm)].map(([, name]) => name!)));
}

describe("panels", { ignore: !hasPrometheus }, () => {
  it("show all that an edge and an aggregator with a fleet tell, by queries that Prometheus answers", async () => {
    const folder = await Deno.makeTempDir({ prefix: "slipstream-panels-" });
    await using _removed = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
    await using system = await System.start();
    const urls = [system.edge.url, system.aggregator.url];
    const told = await toldBy(...urls);
    await using prometheus = await startPrometheus(folder, {
      global: { scrape_interval: "500ms", scrape_timeout: "500ms" },
      scrape_configs: urls.map((url, i) => ({
        job_name: `slipstream-${i}`,
        static_configs: [{ targets: [new URL(url).host] }],
      })),
    });
    const fleet = ["--url", system.telemetryUrl, "--scenario", "crossing", "--drones", "10", "--seconds", "3"];
    assertEquals((await runToEnd(["task", "--quiet", "sim", ...fleet])).code, 0);
    await until("both were scraped twice", async () => {
      const scraped = await ask(prometheus, "count_over_time(up[1m]) > 1");
      return scraped.length === urls.length;
    }, LIMIT_MS);
    const asked = questions();
    const isTold = asked.filter(({ metric }) => told.has(metric));
    assertGreater(isTold.length, 0.7 * asked.length);
    const empty: string[] = [];
    for (const { title, expr, metric } of asked) {
      const shown = await ask(prometheus, expr);
      if (shown.length === 0 && told.has(metric)) empty.push(`${title}: ${expr}`);
    }
    assertEquals(empty, []);
    await system.stop();
  });
});
