// A broker of Apache Kafka, as tests/with/kafka.sh installs it: on ports of its own, in a folder of its own, and it can be killed
// and come back.
import { Admin } from "@platformatic/kafka";
import { Command } from "../e2e/command.ts";
import { freePort } from "../e2e/free_port.ts";

const FOLDER = Deno.env.get("KAFKA_PATH") ??
  `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/slipstream/kafka-4.4.0`;

/** For PYTHONPATH: the client that is not ours. */
export const KAFKA_PYTHON = `${FOLDER}/python`;
/** Whether it is installed, and the client that is not ours. */
export const hasKafka: boolean = isThere(`${FOLDER}/complete`);

const READY_MS_MAX = 60_000;
const POLL_MS = 50;

/** What a client that shares no code with the sink finds in the topics. */
export interface Consumed {
  topics: Record<
    "telemetry" | "metrics" | "alerts" | "losses",
    { messages: number; doubled: number; disorder: number }
  >;
  /** Distinct records, as DRONE/BOOT/SEQ. */
  records: string[];
  /** All of them. */
  counted: number;
}

/** Who may come in by TLS, and what proves the broker: PEM of key and certificates in one file. */
export interface SecuredListener {
  pemPath: string;
  user: string;
  password: string;
}

export class KafkaServer implements AsyncDisposable {
  readonly #folder: string;
  readonly #port = freePort();
  readonly #securedPort = freePort();
  readonly #controllerPort = freePort();
  #child: Deno.ChildProcess | null = null;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param secured a second way in, by TLS with this certificate and a password */
  static async start({ secured }: { secured?: SecuredListener } = {}): Promise<KafkaServer> {
    const server = new KafkaServer(await Deno.makeTempDir({ prefix: "slipstream-kafka-" }));
    const all = { ...server.#settings(), ...secured && server.#secured(secured) };
    const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
    await Deno.writeTextFile(server.#file, lines.join(""));
    const storage = (...args: string[]) => new Command("java", [...JAVA, "kafka.tools.StorageTool", ...args]).output();
    const { stdout: id } = await storage("random-uuid");
    const { code, stderr } = await storage("format", "-t", id.trim(), "-c", server.#file, ...scramOf(secured));
    if (code !== 0) throw new Error(`Cannot format the broker's disk: ${stderr}`);
    await server.restart();
    return server;
  }

  /** HOST:PORT */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** The same, of the way in by TLS and password. */
  get securedAddress(): string {
    return `localhost:${this.#securedPort}`;
  }

  /** @throws {Error} while it is killed */
  get pid(): number {
    if (!this.#child) throw new Error("Cannot look at the broker: it is not running");
    return this.#child.pid;
  }

  /** Where it was, with what it had. */
  async restart(): Promise<void> {
    this.#child = new Command("java", ["-Xms128m", "-Xmx384m", ...JAVA, "kafka.Kafka", this.#file]).spawn();
    for (const endMs = performance.now() + READY_MS_MAX; performance.now() < endMs;) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port: this.#port })).close();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    }
    throw new Error("Cannot start a broker: it does not listen");
  }

  async kill(): Promise<void> {
    try {
      this.#child?.kill("SIGKILL");
    } catch (error) {
      // It has ended by itself.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#child?.status;
    this.#child = null;
  }

  /** All that is in the topics. */
  async consume(prefix: string): Promise<Consumed> {
    return JSON.parse(await this.#read("consume.py", prefix));
  }

  /** Makes a topic that nothing of ours makes. */
  async createTopic(topic: string): Promise<void> {
    const admin = new Admin({ clientId: "tests", bootstrapBrokers: [this.address] });
    await admin.createTopics({ topics: [topic], partitions: 6, replicas: 1 });
    await admin.close();
  }

  /** What a topic takes on the broker's disk, as its producers compressed it. */
  async bytesOf(topic: string): Promise<number> {
    let bytes = 0;
    for await (const { name: partition } of Deno.readDir(`${this.#folder}/data`)) {
      if (!partition.startsWith(`${topic}-`)) continue;
      for await (const { name } of Deno.readDir(`${this.#folder}/data/${partition}`)) {
        if (name.endsWith(".log")) bytes += (await Deno.stat(`${this.#folder}/data/${partition}/${name}`)).size;
      }
    }
    return bytes;
  }

  /** What is in a topic and committed: JSON, in the order of its partitions. */
  async rows(topic: string): Promise<unknown[]> {
    const lines = (await this.#read("rows.py", topic)).split("\n");
    return lines.flatMap((line) => line === "" ? [] : [JSON.parse(line)]);
  }

  /** Has two who are not ours write numbers in transactions, of which some are given up. @returns those that are committed */
  async writeTransactions(topic: string): Promise<number[]> {
    return JSON.parse(await this.#read("transactions.py", topic));
  }

  async #read(name: string, what: string): Promise<string> {
    const script = new URL(name, import.meta.url).pathname;
    const python = [
      "-c",
      `import sys; sys.path.insert(0, ${JSON.stringify(KAFKA_PYTHON)}); ` +
      `sys.argv = [${JSON.stringify(name)}, *sys.argv[1:]]; exec(open(${JSON.stringify(script)}).read())`,
    ];
    const { code, stdout, stderr } = await new Command("python3", [...python, this.address, what]).output();
    if (code !== 0) throw new Error(`Cannot read the topics: ${stderr}`);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }

  get #file(): string {
    return `${this.#folder}/server.properties`;
  }

  #secured({ pemPath }: SecuredListener): Record<string, string> {
    const listeners = `PLAINTEXT://${this.address},SASL_SSL://${this.securedAddress}`;
    return {
      listeners: `${listeners},CONTROLLER://127.0.0.1:${this.#controllerPort}`,
      "advertised.listeners": listeners,
      "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
      "ssl.keystore.type": "PEM",
      "ssl.keystore.location": pemPath,
      "sasl.enabled.mechanisms": "SCRAM-SHA-256",
      "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config":
        "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    };
  }

  #settings(): Record<string, string> {
    const controller = this.#controllerPort;
    return {
      "process.roles": "broker,controller",
      "node.id": "1",
      "controller.quorum.voters": `1@127.0.0.1:${controller}`,
      "controller.listener.names": "CONTROLLER",
      listeners: `PLAINTEXT://${this.address},CONTROLLER://127.0.0.1:${controller}`,
      "advertised.listeners": `PLAINTEXT://${this.address}`,
      "inter.broker.listener.name": "PLAINTEXT",
      "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
      "log.dirs": `${this.#folder}/data`,
      "auto.create.topics.enable": "false",
      "offsets.topic.replication.factor": "1",
      "offsets.topic.num.partitions": "1",
      "transaction.state.log.replication.factor": "1",
      "transaction.state.log.min.isr": "1",
      "share.coordinator.state.topic.replication.factor": "1",
      "share.coordinator.state.topic.min.isr": "1",
      "group.initial.rebalance.delay.ms": "0",
      // One that was killed comes back after this, not after 9 s.
      "broker.session.timeout.ms": "3000",
      "broker.heartbeat.interval.ms": "500",
    };
  }
}

const JAVA = ["-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", `${FOLDER}/lib/*`];

function scramOf(secured: SecuredListener | undefined): string[] {
  return secured ? ["--add-scram", `SCRAM-SHA-256=[name=${secured.user},password=${secured.password}]`] : [];
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
