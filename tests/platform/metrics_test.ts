import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Latency } from "../../platform/latency.ts";
import { by, counted, exposition, from, type Metric, told } from "../../platform/metrics.ts";
import { PROCESS_METRICS, processNow } from "../../platform/process_metrics.ts";

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
  { name: "eta_seconds", help: "When", type: "gauge", together: "max", read: ({ eta }) => eta },
  { name: "lag_seconds", help: "How late", type: "histogram", read: ({ latency }) => latency },
];

const tell = (source: Source) => told([from(() => source, TABLE)])();

/** As Prometheus reads it of these together, without the buckets that are empty. */
async function read(...sources: Source[]) {
  const { text, contentType } = await exposition(await Promise.all(sources.map(tell)));
  return { contentType, lines: text.split("\n").filter((line) => line !== "" && !line.endsWith("} 0")) };
}

describe("what a process tells of itself", () => {
  it("has until when its certificate is valid; of several the soonest, and nothing where there is none", async () => {
    const of = (certificateUntilMs: number | null) =>
      told([from(() => processNow({ loopLag: new Latency(), certificateUntilMs }), PROCESS_METRICS)])();
    const expiry = async (...untilMs: (number | null)[]) =>
      /^slipstream_certificate_\S+ (\S+)$/m.exec((await exposition(await Promise.all(untilMs.map(of)))).text)?.[1];
    assertEquals([await expiry(9000, 5500, null), await expiry(null)], ["5.5", undefined]);
  });
});

describe("what Prometheus is told", () => {
  it("is each row of the table: help, type, and each number by its labels", async () => {
    const source = { seen: 3, byReason: { full: 2, 'too"odd\n': 1 }, eta: 1.5, latency: new Latency() };
    const { lines, contentType } = await read(source);
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
    const names = (await read(source)).lines.filter((line) => line.startsWith("# TYPE")).map((line) =>
      line.split(" ")[2]
    );
    assertEquals(names, ["seen_total", "lag_seconds"]);
  });

  it("is read anew each time", async () => {
    const source = { seen: 1, byReason: {}, eta: null, latency: new Latency() };
    const ask = told([from(() => source, TABLE)]);
    await ask();
    source.seen = 2;
    assertEquals((await exposition([await ask()])).text.includes("\nseen_total 2\n"), true);
  });

  it("has of a histogram how many were at most so long, exactly, and their sum within 5 %", async () => {
    const latency = new Latency();
    const delaysUs = [400, 4000, 4800, 14_000, 15_000, 79_500, 4e6];
    for (const us of delaysUs) latency.add(us);
    const { lines } = await read({ seen: 0, byReason: {}, eta: null, latency });
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

  it("is of several processes their sum, or the highest, with what only one of them knows", async () => {
    const [one, other] = [new Latency(), new Latency()];
    one.add(4000);
    for (const us of [4000, 400_000]) other.add(us);
    const both = await read(
      { seen: 3, byReason: { full: 2, odd: 1 }, eta: 7, latency: one },
      { seen: 4, byReason: { full: 5 }, eta: 5, latency: other },
    );
    const alone = { seen: 7, byReason: { full: 7, odd: 1 }, eta: 7, latency: new Latency() };
    for (const us of [4000, 4000, 400_000]) alone.latency.add(us);
    const isSum = (line: string) => line.startsWith("lag_seconds_sum");
    const whole = (await read(alone)).lines;
    assertEquals(both.lines.filter((line) => !isSum(line)), whole.filter((line) => !isSum(line)));
    const noEta = { seen: 0, byReason: {}, eta: null, latency: new Latency() };
    assertEquals((await read(noEta, alone)).lines.includes("eta_seconds 7"), true);
  });

  it("is counted of those that only grow", async () => {
    const source = { seen: 3, byReason: { full: 2 }, eta: 7, latency: new Latency() };
    const { text } = await exposition([await counted([await tell(source), await tell(source)])]);
    assertEquals(text.match(/^# TYPE .*$/gm), ["# TYPE seen_total counter", "# TYPE lag_seconds histogram"]);
    assertEquals(text.includes("\nseen_total 6\n"), true);
  });
});
