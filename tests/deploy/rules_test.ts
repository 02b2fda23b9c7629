import { assertEquals, assertGreater, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Latency } from "../../platform/latency.ts";
import { tableUnder } from "../docs/pages.ts";
import { tool } from "../identity/tools.ts";
import { RULE_CASES, type RuleCase } from "./rule_cases.ts";
import { hasPromtool, PROMTOOL, ROOT } from "./tools.ts";

const RULES = "deploy/prometheus/rules.yml";
const RUNBOOK = "What to do for each alert of Prometheus";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
const text = await read(RULES);
/** Each alert with all that is said of it. */
const alerts = new Map(text.split("- alert: ").slice(1).map((rule) => [/^\w+/.exec(rule)![0], rule]));

describe("rules for Prometheus", () => {
  it("have a severity, a sentence, and a runbook, in which each of them stands with what to do", async () => {
    assertGreater(alerts.size, 20);
    const anchor = RUNBOOK.toLowerCase().replaceAll(" ", "-");
    for (const [name, rule] of alerts) {
      assertMatch(name, /^Slipstream[A-Z]\w+$/);
      assertMatch(rule, /severity: (warning|critical) \}/, name);
      assertMatch(rule, /summary: "[^"]+[^".]"/, name);
      assertMatch(rule, new RegExp(`runbook_url: docs/operations.md#${anchor}\\n`), name);
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
      const path = await Deno.makeTempFile({ suffix: ".yml" });
      try {
        const rule_files = [new URL(RULES, ROOT).pathname];
        await Deno.writeTextFile(path, JSON.stringify({ rule_files, evaluation_interval, tests }));
        const { code, out, err } = await tool(PROMTOOL, ["test", "rules", path]);
        assertEquals(code, 0, out + err);
      } finally {
        await Deno.remove(path);
      }
    });
  }
});
