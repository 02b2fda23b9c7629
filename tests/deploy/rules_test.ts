import { assertEquals, assertGreater, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Latency } from "../../platform/latency.ts";
import { tableUnder } from "../docs/pages.ts";
import { tool } from "../identity/tools.ts";
import { RULE_CASES, type RuleCase } from "./rule_cases.ts";
import { hasPromtool, PROMTOOL, ROOT } from "./tools.ts";

const RULES = "deploy/prometheus/rules.yml";
const RUNBOOK = "What to do for each alert of Prometheus";
const ANCHOR = RUNBOOK.toLowerCase().replaceAll(" ", "-");

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
const text = await read(RULES);
const DOCS = "https://git.example.com/slipstream/docs";
/** Each alert with all that is said of it. */
const alerts = new Map(text.split("- alert: ").slice(1).map((rule) => [/^\w+/.exec(rule)![0], rule]));

describe("rules for Prometheus", () => {
  it("have a severity, a sentence, and a runbook, in which each of them stands with what to do", async () => {
    assertGreater(alerts.size, 20);
    const [runbook] = /(?<=runbook_url: &runbook )".+"/.exec(text)!;
    assertMatch(runbook, new RegExp(`/operations\\.md#${ANCHOR}"$`));
    for (const [name, rule] of alerts) {
      assertMatch(name, /^Slipstream[A-Z]\w+$/);
      assertMatch(rule, /severity: (warning|critical) \}/, name);
      assertMatch(rule, /summary: "[^"]+[^".]"/, name);
      assertMatch(rule, /runbook_url: (&runbook "|\*runbook\n)/, name);
    }
    const page = { path: "docs/operations.md", text: await read("docs/operations.md") };
    const rows = tableUnder(`## ${RUNBOOK}`, page);
    assertEquals(rows.map(([name]) => name!.replaceAll("`", "")), [...alerts.keys()]);
    assertEquals(rows.filter((cells) => cells.length !== 3 || cells.some((cell) => cell === "")), []);
  });

  it("count by bounds that there are", () => {
    const latency = new Latency();
    latency.add(1);
    const bounds = latency.buckets().upTo.map(([seconds]) => `${seconds}`);
    const named = Array.from(text.matchAll(/le="([^"]+)"/g), ([, bound]) => bound!);
    assertGreater(named.length, 0);
    assertEquals(named.filter((bound) => !bounds.includes(bound)), []);
  });

  it("are each tried", () => {
    assertEquals(Object.keys(RULE_CASES), [...alerts.keys()]);
  });
});

describe("promtool test", { ignore: !hasPromtool }, () => {
  const expected = (alertname: string, value: number | null, eval_time: string) => ({
    expr: `count by (alertname) (ALERTS{alertname="${alertname}",alertstate="firing"})`,
    eval_time,
    exp_samples: value === null ? [] : [{ labels: `{alertname="${alertname}"}`, value }],
  });
  const paces = [
    { what: "within minutes", isOf: ({ isSlow }: RuleCase) => !isSlow, interval: "15s", evaluation_interval: "30s" },
    { what: "within hours", isOf: ({ isSlow }: RuleCase) => isSlow, interval: "1m", evaluation_interval: "5m" },
  ];
  for (const { what, isOf, interval, evaluation_interval } of paces) {
    it(`has rules be quiet while all is well, and fire ${what} when it is not`, async () => {
      const tests = Object.entries(RULE_CASES).filter(([, one]) => isOf(one)).map(([name, one]) => ({
        ...{ name, interval },
        input_series: Object.entries(one.series).map(([series, values]) => ({ series, values })),
        promql_expr_test: [expected(name, null, one.quietAt), expected(name, 1, one.firesAt)],
      }));
      await promtool({ evaluation_interval, tests });
    });
  }

  for (const [docs, external_labels] of Object.entries({ "docs": {}, [DOCS]: { slipstream_docs: DOCS } })) {
    it(`has runbooks begin with ${docs}, as an external label says`, async () => {
      const exp_labels = { severity: "critical", job: "slipstream-edge", instance: "edge:8787" };
      const exp_annotations = {
        summary: "slipstream-edge at edge:8787 does not answer",
        runbook_url: `${docs}/operations.md#${ANCHOR}`,
      };
      await promtool({
        evaluation_interval: "15s",
        tests: [{
          interval: "15s",
          external_labels,
          input_series: [{ series: 'up{job="slipstream-edge",instance="edge:8787"}', values: "0x8" }],
          alert_rule_test: [
            { alertname: "SlipstreamDown", eval_time: "2m", exp_alerts: [{ exp_labels, exp_annotations }] },
          ],
        }],
      });
    });
  }
});

/** Tests of the rules, as promtool has them. */
async function promtool(tests: object): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".yml" });
  try {
    await Deno.writeTextFile(path, JSON.stringify({ rule_files: [new URL(RULES, ROOT).pathname], ...tests }));
    const { code, out, err } = await tool(PROMTOOL, ["test", "rules", path]);
    assertEquals(code, 0, out + err);
  } finally {
    await Deno.remove(path);
  }
}
