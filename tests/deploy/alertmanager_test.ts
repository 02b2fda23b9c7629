import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { parse } from "yaml";
import { System, until } from "../e2e/system.ts";
import { tool } from "../identity/tools.ts";
import { startAlertmanager, startPrometheus } from "./daemon.ts";
import { hasAlertmanager, ROOT } from "./tools.ts";

const CONFIG = new URL("deploy/alertmanager/alertmanager.yml", ROOT);
const RULES = new URL("deploy/prometheus/rules.yml", ROOT);
const PROMETHEUS = new URL("deploy/prometheus/prometheus.yml", ROOT);
const DOCS = "https://git.example.com/slipstream/docs";
const LIMIT_MS = 60_000;

/** What a receiver is told, as far as it is looked at here. */
interface Payload {
  status: "firing" | "resolved";
  receiver: string;
  commonLabels: Record<string, string>;
  commonAnnotations: { summary?: string; runbook_url?: string };
}

interface Route {
  routes?: Route[];
  [setting: string]: unknown;
}

/** Nobody waits for a test. */
function hurried({ routes = [], ...route }: Route): Route {
  return { ...route, group_wait: "0s", group_interval: "1s", routes: routes.map(hurried) };
}

describe("Alertmanager", { ignore: !hasAlertmanager }, () => {
  it("takes the example, and leads what is critical to who is on call", async () => {
    const { code, out, err } = await tool("amtool", ["check-config", CONFIG.pathname]);
    assertEquals(code, 0, out + err);
    for (const [severity, receiver] of [["critical", "oncall"], ["warning", "tickets"]]) {
      const args = ["config", "routes", "test", `--config.file=${CONFIG.pathname}`, `severity=${severity}`];
      assertEquals((await tool("amtool", args)).out.trim(), receiver);
    }
  });

  it("is told by Prometheus of an edge that was killed, tells who is on call, and that it is over when it is back", async () => {
    const folder = await Deno.makeTempDir({ prefix: "slipstream-alertmanager-" });
    await using _removed = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
    const told: Payload[] = [];
    await using receiver = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      told.push(await request.json());
      return new Response();
    });
    await using system = await System.start();
    const config = parse(await Deno.readTextFile(CONFIG));
    const webhook_configs = [{ url: `http://127.0.0.1:${receiver.addr.port}/` }];
    await using alertmanager = await startAlertmanager(folder, {
      ...config,
      route: hurried(config.route),
      receivers: config.receivers.map((one: object) => ({ ...one, webhook_configs })),
    });
    // The rules as they are, but for how long something must hold.
    const rules = (await Deno.readTextFile(RULES)).replaceAll(/\bfor: \w+/g, "for: 1s");
    await Deno.writeTextFile(`${folder}/rules.yml`, rules);
    const scrape = (job_name: string, url: string) => ({
      job_name,
      static_configs: [{ targets: [new URL(url).host] }],
    });
    await using _prometheus = await startPrometheus(folder, {
      global: {
        ...{ scrape_interval: "500ms", scrape_timeout: "500ms", evaluation_interval: "500ms" },
        external_labels: { slipstream_docs: DOCS },
      },
      rule_files: [`${folder}/rules.yml`],
      alerting: {
        ...parse(await Deno.readTextFile(PROMETHEUS)).alerting,
        alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager.url).host] }] }],
      },
      scrape_configs: [
        scrape("slipstream-edge", system.edge.url),
        scrape("slipstream-aggregator", system.aggregator.url),
      ],
    });
    const isTold = (status: Payload["status"]) => {
      return told.some((one) => one.commonLabels.alertname === "SlipstreamDown" && one.status === status);
    };
    await system.edge.stop("SIGKILL");
    await until("it is told", () => Promise.resolve(isTold("firing")), LIMIT_MS);
    assertEquals(isTold("resolved"), false);
    await system.restartEdge();
    await until("it is over", () => Promise.resolve(isTold("resolved")), LIMIT_MS);
    const down = told.filter(({ commonLabels }) => commonLabels.alertname === "SlipstreamDown");
    assertEquals(new Set(down.map(({ receiver }) => receiver)), new Set(["oncall"]));
    assertMatch(down[0]!.commonAnnotations.summary!, /^slipstream-edge at 127\.0\.0\.1:\d+ does not answer$/);
    assertStringIncludes(down[0]!.commonAnnotations.runbook_url!, `${DOCS}/operations.md#`);
    assertEquals(Object.keys(down[0]!.commonLabels).filter((name) => name.startsWith("slipstream")), []);
    await system.stop();
  });
});
