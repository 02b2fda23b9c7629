// What the same windows cost: the embedded pipeline, Flink's SQL, and Flink by hand; and what Kafka costs between them. Each at
// parallelism 1, in turns, on the same records, and compared row for row.
import process from "node:process";
import { cpuUs } from "../../e2e/proc.ts";
import { Cluster, FLINK, script } from "../../flink/cluster.ts";
import { fly, intoZones, loadOpen, type Open, publish, step } from "../../flink/flight.ts";
import { KafkaServer } from "../../kafka/kafka_server.ts";
import { compare } from "../../parity/compare.ts";
import { type FlinkRow, flinkWindows, type OwnRow, ownWindows } from "../../parity/windows.ts";
import { type BenchSettings, type Comparison, median } from "../comparison.ts";
import { createLoad, type Load } from "../pipeline.ts";
import { buildByHand, BY_HAND } from "./by_hand.ts";

const SQL = "org.apache.flink.table.runtime.application.SqlDriver";
const PASSES = 3;
const BUDGET_RATIO = 5;
/** Of the SQL's cost, what density may be. */
const BUDGET_DENSITY = 0.4;

/** CPU-seconds a million records. */
type Costs = Record<"embedded" | "sql" | "sqlWithoutDensity" | "byHand" | "brokerReads", number>;

export async function compareCosts(settings: BenchSettings): Promise<Comparison[]> {
  const { smoke } = settings;
  const load = intoZones(await createLoad(settings, { seconds: smoke ? 4 : 40 }));
  const folder = await Deno.makeTempDir({ prefix: "slipstream-by-hand-" });
  try {
    await using kafka = await KafkaServer.start();
    const { windows, publishing } = await published(load, kafka);
    await using cluster = await Cluster.start({ args: ["--session"] });
    const jobs = new Jobs({ cluster, kafka, windows, records: load.records });
    await jobs.upload(await buildByHand(folder));
    const open = await loadOpen();
    const rounds: Costs[] = [];
    // In the first everybody's code is compiled.
    for (let round = 0; round < (smoke ? 1 : 4); round++) {
      rounds.push({ embedded: embedded(load, open), ...await jobs.round(round) });
    }
    const told = rounds.slice(smoke ? 0 : 1);
    const middle = (name: keyof Costs) => median(told.map((costs) => costs[name]));
    return comparisons({ load, middle, publishing, first: rounds[0]! });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Publishing {
  /** Making messages of records, and sending them. */
  aggregator: number;
  broker: number;
  bytesPerRecord: number;
}

async function published(load: Load, kafka: KafkaServer): Promise<{ windows: OwnRow[]; publishing: Publishing }> {
  const open = await loadOpen();
  const alone = embedded(load, open);
  const [ownUs, brokerUs] = [ownCpuUs(), await cpuUs(kafka.pid)];
  const { messages, windows } = await fly(load);
  await publish(kafka.address, messages);
  const { records } = load;
  const bytes = messages.reduce((sum, { value }) => sum + value.length, 0);
  return {
    windows,
    publishing: {
      aggregator: (ownCpuUs() - ownUs) / records - alone,
      broker: (await cpuUs(kafka.pid) - brokerUs) / records,
      bytesPerRecord: bytes / records,
    },
  };
}

/** Once for the code that was thrown away while others had their turns, and then what counts. */
function embedded(load: Load, open: Open): number {
  step(load, { open });
  const beganUs = ownCpuUs();
  for (let pass = 0; pass < PASSES; pass++) step(load, { open });
  return (ownCpuUs() - beganUs) / (PASSES * load.records);
}

function ownCpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Flink's side, in one session: the JVM that has compiled a job runs it again. */
class Jobs {
  readonly #cluster: Cluster;
  readonly #kafka: KafkaServer;
  readonly #windows: OwnRow[];
  readonly #records: number;
  #sqlJar = "";
  #byHandJar = "";

  constructor(parts: { cluster: Cluster; kafka: KafkaServer; windows: OwnRow[]; records: number }) {
    this.#cluster = parts.cluster;
    this.#kafka = parts.kafka;
    this.#windows = parts.windows;
    this.#records = parts.records;
  }

  async upload(byHand: string): Promise<void> {
    this.#sqlJar = await this.#cluster.upload(`${FLINK}target/slipstream-flink.jar`);
    this.#byHandJar = await this.#cluster.upload(byHand);
  }

  async round(round: number): Promise<Omit<Costs, "embedded">> {
    const brokerUs = await cpuUs(this.#kafka.pid);
    const sql = await this.#sql(`sql-${round}`, { density: true });
    const brokerReads = (await cpuUs(this.#kafka.pid) - brokerUs) / this.#records;
    const sqlWithoutDensity = await this.#sql(`bare-${round}`, { density: false });
    const topic = `hand-${round}`;
    const args = [this.#kafka.address, "fleet-telemetry", topic];
    const byHand = await this.#measured(topic, () => this.#cluster.run(this.#byHandJar, { mainClass: BY_HAND, args }));
    await this.#mustAgree(topic);
    return { sql, sqlWithoutDensity, byHand, brokerReads };
  }

  async #sql(topic: string, { density }: { density: boolean }): Promise<number> {
    const text = (await script({ BROKERS: this.#kafka.address, BOUNDED: "latest-offset", IDLE: "1 h" }))
      .replaceAll("fleet-metrics-flink", topic);
    const cut = text.lastIndexOf("UNION ALL\nSELECT 'density'");
    if (cut < 0) throw new Error("Cannot leave density out: windows.sql does not end with it");
    const args = ["--script", density ? text : `${text.slice(0, cut)};`];
    const cost = await this.#measured(topic, () => this.#cluster.run(this.#sqlJar, { mainClass: SQL, args }));
    if (density) await this.#mustAgree(topic);
    return cost;
  }

  async #measured(topic: string, run: () => Promise<void>): Promise<number> {
    await this.#kafka.createTopic(topic);
    const pid = await this.#cluster.taskManagerPid();
    const beganUs = await cpuUs(pid);
    await run();
    return (await cpuUs(pid) - beganUs) / this.#records;
  }

  /** Who counts something else costs something else. */
  async #mustAgree(topic: string): Promise<void> {
    const theirs = flinkWindows(await this.#kafka.rows(topic) as FlinkRow[]);
    const { differences, equal } = compare(ownWindows(this.#windows).windows, theirs.windows);
    if (differences.length === 0 && theirs.doubled === 0 && equal > 0) return;
    const shown = JSON.stringify(differences.slice(0, 2));
    throw new Error(`Cannot compare what it costs: ${differences.length} windows of ${topic} differ, such as ${shown}`);
  }
}

function comparisons(
  { load: { drones, seconds, records }, middle, publishing, first }: {
    load: Load;
    middle: (name: keyof Costs) => number;
    publishing: Publishing;
    first: Costs;
  },
): Comparison[] {
  const unit = "CPU-s a million records";
  const flight = `${drones} drones for ${seconds} s`;
  const [ours, sql, bare] = [middle("embedded"), middle("sql"), middle("sqlWithoutDensity")];
  const share = 1 - bare / sql;
  return [{
    ...{ name: `windows: ${flight}`, unit, ours },
    rival: { name: "Flink SQL, of the TaskManager", value: sql },
    limit: { name: "Flink by hand, of the TaskManager", value: middle("byHand") },
    budget: {
      text: `≥ ${BUDGET_RATIO} × Flink SQL (${(sql / ours).toFixed(1)} ×)`,
      met: sql / ours >= BUDGET_RATIO,
    },
    note: `${records} records, all windows equal; the first round, in which all is compiled: ${
      [first.embedded, first.sql, first.byHand].map((cost) => cost.toFixed(1)).join(", ")
    }`,
  }, {
    ...{ name: `Flink SQL: ${flight}`, unit, ours: sql },
    rival: { name: "without density", value: bare },
    limit: null,
    budget: {
      text: `density ≤ ${100 * BUDGET_DENSITY} % of it (${(100 * share).toFixed(0)} %)`,
      met: share <= BUDGET_DENSITY,
    },
    note: "",
  }, {
    ...{ name: `Kafka: ${flight}`, unit, ours: publishing.aggregator },
    rival: { name: "the broker, taking them", value: publishing.broker },
    limit: { name: "the broker, giving them to one job", value: middle("brokerReads") },
    budget: null,
    note: `ours: messages made and sent, without a second pipeline; ${
      publishing.bytesPerRecord.toFixed(0)
    } bytes a record`,
  }];
}
