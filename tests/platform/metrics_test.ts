import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Latency } from "../../platform/latency.ts";
import { by, exposition, from, type Metric } from "../../platform/metrics.ts";

interface Source {
  seen: number;
  byReason: Record<string, number>;
  eta: number | null;
  latency: Latency;
}

const TABLE: readonly Metric<Source>[] = [
  { name: "seen_total", help: "All", type: "counter", read: ({ seen }) => seen },
  {
    name: "refused",
    help: "By why",
    type: "gauge",
    labels: ["reason"],
    read: ({ byReason }) => by("reason", byReason),
  },
  { name: "eta_seconds", help: "When", type: "gauge", read: ({ eta }) => eta },
  { name: "lag_seconds", help: "How late", type: "histogram", read: ({ latency }) => latency },
];

/** As Prometheus reads it, without the buckets that are empty. */
async function told(source: Source) {
  const { text, contentType } = await exposition([from(() => source, TABLE)])();
  return { contentType, lines: text.split("\n").filter((line) => line !== "" && !line.endsWith("} 0")) };
}

describe("what Prometheus is told", () => {
  it("is each row of the table: help, type, and each number by its labels", async () => {
    const source = { seen: 3, byReason: { full: 2, 'too"odd\n': 1 }, eta: 1.5, latency: new Latency() };
    const { lines, contentType } = await told(source);
    assertEquals(contentType.startsWith("text/plain; version=0.0.4"), true);
    assertEquals(lines.slice(0, 10), [
      "# HELP seen_total All",
      "# TYPE seen_total counter",
      "seen_total 3",
      "# HELP refused By why",
      "# TYPE refused gauge",
      'refused{reason="full"} 2',
      'refused{reason="too\\"odd\\n"} 1',
      "# HELP eta_seconds When",
      "# TYPE eta_seconds gauge",
      "eta_seconds 1.5",
    ]);
  });

  it("says nothing of what nobody knows now", async () => {
    const source = { seen: 0, byReason: {}, eta: null, latency: new Latency() };
    const names = (await told(source)).lines.filter((line) => line.startsWith("# TYPE")).map((line) =>
      line.split(" ")[2]
    );
    assertEquals(names, ["seen_total", "lag_seconds"]);
  });

  it("is read anew each time", async () => {
    const source = { seen: 1, byReason: {}, eta: null, latency: new Latency() };
    const ask = exposition([from(() => source, TABLE)]);
    await ask();
    source.seen = 2;
    assertEquals((await ask()).text.includes("\nseen_total 2\n"), true);
  });

  it("has of a histogram how many were at most so long, exactly, and their sum within 5 %", async () => {
    const latency = new Latency();
    const delaysUs = [400, 4000, 4800, 14_000, 15_000, 79_500, 4e6];
    for (const us of delaysUs) latency.add(us);
    const { lines } = await told({ seen: 0, byReason: {}, eta: null, latency });
    const buckets = lines.flatMap((line) => {
      const [, le = "", count = ""] = /^lag_seconds_bucket\{le="(.*)"\} (\d+)$/.exec(line) ?? [];
      return le === "" ? [] : [[le === "+Inf" ? Infinity : Number(le), Number(count)] as const];
    });
    assertEquals(buckets.length > 10, true);
    for (const [upToS, count] of buckets) {
      assertEquals(count, delaysUs.filter((us) => us <= upToS * 1e6).length, `up to ${upToS} s`);
    }
    assertEquals(lines.includes("lag_seconds_count 7"), true);
    const sumS = Number(lines.find((line) => line.startsWith("lag_seconds_sum"))!.split(" ")[1]);
    const exactS = delaysUs.reduce((sum, us) => sum + us, 0) / 1e6;
    assertLess(Math.abs(sumS / exactS - 1), 0.05);
  });
});
