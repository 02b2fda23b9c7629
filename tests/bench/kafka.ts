// What Kafka adds: from a sensor to whoever reads fleet-alerts, and what publishing costs the aggregator and the warnings of its
// drones: the same fleet with the sink off and on, in turns. Broker and reader run on the same cores.
import type { AlertEvent } from "../../aggregator/outputs.ts";
import { hasKafka, KafkaServer } from "../kafka/kafka_server.ts";
import { type Quantiles, summary } from "../latency/deliveries.ts";
import { BUDGET, isMeasured, measure, type Measured } from "../latency/measure.ts";
import { type BenchSettings, type Comparison, median } from "./comparison.ts";

const SERIOUS = { drones: 500, seconds: 90, warmUpS: 15, rounds: 1 };
const SMOKE = { drones: 20, seconds: 5, warmUpS: 0, rounds: 1 };
const RECORDS_PER_DRONE = 35;
/** The article's budget for the whole way. */
const READER_MS_MAX = 80;

interface On extends Measured {
  /** ms from the measurement that raised or escalated an alert to its reader. */
  reader: Quantiles;
}

/** Without a broker to be started there is nothing to compare. */
export async function compareKafka({ seed, smoke }: BenchSettings): Promise<Comparison[]> {
  if (!hasKafka) return [];
  const { rounds, ...sizes } = smoke ? SMOKE : SERIOUS;
  const [off, on]: [Measured[], On[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    off.push(await measure({ ...sizes, seed, way: "plain", overload: 1 }));
    on.push(await measureOn({ ...sizes, seed }));
  }
  const offered = sizes.drones * RECORDS_PER_DRONE;
  const of = `${sizes.drones} drones × ${RECORDS_PER_DRONE} records/s`;
  const cost = ({ aggregatorCores }: Measured) => aggregatorCores * 1e6 / offered;
  const middle = <M extends Measured>(all: M[], value: (measured: M) => number) => median(all.map(value));
  const readers = `${on.map(({ reader }) => reader.count).join(" and ")} alerts`;
  return [
    ...(["p50", "p99"] as const).map((quantile): Comparison => {
      const ours = middle(on, ({ reader }) => reader[quantile]);
      const limit = middle(on, ({ parts }) => parts[BUDGET.part][quantile]);
      return {
        ...{ name: `kafka, measured → reader of fleet-alerts, ${quantile}, ${of}`, unit: "ms", ours, rival: null },
        limit: { name: "measured → acknowledged by the drone", value: limit },
        budget: quantile === "p99" ? { text: `≤ ${READER_MS_MAX} ms`, met: ours <= READER_MS_MAX } : null,
        note: readers,
      };
    }),
    ...(["p50", "p99"] as const).map((quantile): Comparison => {
      const value = ({ parts }: Measured) => parts[BUDGET.part][quantile];
      return {
        ...{ name: `kafka, a warning, ${BUDGET.part}, ${quantile}, ${of}`, unit: "ms", ours: middle(on, value) },
        ...{ rival: { name: "without Kafka", value: middle(off, value) }, limit: null },
        budget: { text: `≤ ${BUDGET[quantile]} ms`, met: middle(on, value) <= BUDGET[quantile] },
        note: "",
      };
    }),
    {
      ...{ name: `kafka, CPU of the aggregator, all its threads, ${of}`, unit: "µs a record", ours: middle(on, cost) },
      ...{ rival: { name: "without Kafka", value: middle(off, cost) }, limit: null, budget: null },
      note: `records accepted: ${on.map(acceptedOf).join(" and ")} with, ${off.map(acceptedOf).join(" and ")} without`,
    },
  ];
}

function acceptedOf({ accepted, records }: Measured): string {
  return `${accepted} of ${records}`;
}

async function measureOn(sizes: { drones: number; seconds: number; warmUpS: number; seed: number }): Promise<On> {
  await using kafka = await KafkaServer.start();
  const reader = kafka.tail("fleet-alerts");
  const measured = await measure({
    ...sizes,
    way: "plain",
    overload: 1,
    env: { SLIPSTREAM_KAFKA: kafka.address },
  });
  const latencies = (await reader.stop()).flatMap(({ atUs, value }) => {
    const { path, transition, changedTimeUs } = value as AlertEvent;
    const isNew = transition === "raise" || transition === "escalate";
    const counts = isNew && path !== null && isMeasured(path.droneId) && changedTimeUs >= measured.fromUs;
    return counts ? [(atUs - path.eventTimeUs) / 1000] : [];
  });
  if (latencies.length === 0) throw new Error("Cannot tell how long an alert takes to its reader: none came");
  return { ...measured, reader: summary(latencies) };
}
