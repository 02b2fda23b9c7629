// Plans as a table for people, with the arithmetic.
import { type Fleet, type Plan, plan } from "./plan.ts";

const number = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3 });
const whole = new Intl.NumberFormat("en-GB");

/** Lines of Markdown: a column for each number of drones. */
export function sizingTable(fleet: Omit<Fleet, "drones">, drones: readonly number[]): string[] {
  const { costUs, recordsPerDroneS, recordBytes, dronesPerAggregator, replicas, busyPct } = fleet;
  const plans = drones.map((n) => plan({ ...fleet, drones: n }));
  const of = (cell: (plan: Plan) => string) => plans.map(cell);
  const cores = (part: keyof Plan["parts"]) => ({ parts }: Plan) => {
    const { cores, count } = parts[part];
    return `${number.format(cores)} → ${whole.format(count)}`;
  };
  const busy = `at most ${busyPct} % busy`;
  const rows: [what: string, arithmetic: string, ...cells: string[]][] = [
    ["records/s", `drones × ${recordsPerDroneS}`, ...of(({ recordsPerS }) => whole.format(recordsPerS))],
    ["edges: cores → processes", `× ${costUs.edge} µs; ${busy}`, ...of(cores("edge"))],
    [
      "aggregators’ threads for Kafka: cores → threads",
      `× ${costUs.publishing} µs; ${busy}`,
      ...of(cores("publishing")),
    ],
    [
      "aggregators: cores beside those → how many",
      `× ${costUs.aggregator} µs; a thread each, at most ${whole.format(dronesPerAggregator)} drones`,
      ...of(cores("aggregator")),
    ],
    ["brokers: cores → cores to have", `× ${costUs.broker} µs × ${replicas} replicas; ${busy}`, ...of(cores("broker"))],
    ["Flink: cores → slots, and partitions", `× ${costUs.flink} µs; ${busy}`, ...of(cores("flink"))],
    ["into Kafka, MB/s", `× ${recordBytes} bytes`, ...of(({ mbPerS }) => number.format(mbPerS))],
    ["kept of a day, TB a replica", "× 86,400 s", ...of(({ tbPerDay }) => number.format(tbPerDay))],
  ];
  const head = ["what", "arithmetic", ...drones.map((n) => `${whole.format(n)} drones`)];
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}
