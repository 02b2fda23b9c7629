// A broker of Apache Kafka, as tests/with/kafka.sh installs it: on ports of its own, in a folder of its own, and it can be killed
// and come back.
import {
  AclOperations,
  AclPermissionTypes,
  Admin,
  ConfigResourceTypes,
  IncrementalAlterConfigOperationTypes,
  ResourcePatternTypes,
  ResourceTypes,
} from "@platformatic/kafka";
import { Command } from "../e2e/command.ts";
import { freePort } from "../e2e/free_port.ts";
import { Killable } from "../e2e/killable.ts";
import { SmallDisk } from "./small_disk.ts";

const FOLDER = Deno.env.get("KAFKA_PATH") ??
  `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/slipstream/kafka-4.4.0`;

/** For PYTHONPATH: the client that is not ours. */
export const KAFKA_PYTHON = `${FOLDER}/python`;
/** Whether it is installed, and the client that is not ours. */
export const hasKafka: boolean = isThere(`${FOLDER}/complete`);

const { LITERAL } = ResourcePatternTypes;
const { SET } = IncrementalAlterConfigOperationTypes;

/** What a client that shares no code with the sink finds in the topics. */
export interface Consumed {
  topics: Record<
    "telemetry" | "metrics" | "alerts" | "losses" | "metrics-partial",
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
  /** To begin with: see `allow`. */
  mayNothing?: true;
}

export interface KafkaServerSettings {
  /** A second way in, by TLS with this certificate and a password. */
  secured?: SecuredListener;
  /** A filesystem of so many bytes for its topics alone. */
  diskBytes?: number;
}

export class KafkaServer implements AsyncDisposable {
  readonly #folder: string;
  readonly #port = freePort();
  readonly #securedPort = freePort();
  readonly #controllerPort = freePort();
  readonly #process = new Killable("a broker", this.#port);
  #disk: SmallDisk | null = null;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start({ secured, diskBytes }: KafkaServerSettings = {}): Promise<KafkaServer> {
    const server = new KafkaServer(await Deno.makeTempDir({ prefix: "slipstream-kafka-" }));
    if (diskBytes !== undefined) server.#disk = await SmallDisk.mount(`${server.#folder}/data`, diskBytes);
    const all = { ...server.#settings(), ...secured && server.#secured(secured) };
    const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
    await Deno.writeTextFile(server.#file, lines.join(""));
    const storage = (...args: string[]) => server.#java(...JAVA, "kafka.tools.StorageTool", ...args).output();
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
    return this.#process.pid;
  }

  /** Where it was, with what it had. */
  async restart(): Promise<void> {
    await this.#process.start(this.#java("-Xms128m", "-Xmx384m", ...JAVA, "kafka.Kafka", this.#file));
  }

  async kill(): Promise<void> {
    await this.#process.kill();
  }

  /** All that is in the topics. */
  async consume(prefix: string): Promise<Consumed> {
    return JSON.parse(await this.#read("consume.py", prefix));
  }

  /** By who may do everything. */
  async admin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = new Admin({ clientId: "tests", bootstrapBrokers: [this.address] });
    try {
      return await work(admin);
    } finally {
      await admin.close();
    }
  }

  /** Makes a topic that nothing of ours makes, with these settings. */
  async createTopic(topic: string, settings: Record<string, string> = {}): Promise<void> {
    const configs = Object.entries(settings).map(([name, value]) => ({ name, value }));
    await this.admin((admin) => admin.createTopics({ topics: [topic], partitions: 6, replicas: 1, configs }));
  }

  async setTopic(topic: string, settings: Record<string, string>): Promise<void> {
    const configs = Object.entries(settings).map(([name, value]) => ({ name, value, configOperation: SET }));
    const resources = [{ resourceType: ConfigResourceTypes.TOPIC, resourceName: topic, configs }];
    await this.admin((admin) => admin.incrementalAlterConfigs({ resources }));
  }

  /** Where who comes in may nothing to begin with: this user everything, with this topic. */
  async allow(user: string, topic: string): Promise<void> {
    const resource = { resourceType: ResourceTypes.TOPIC, resourceName: topic };
    const who = { principal: `User:${user}`, host: "*", permissionType: AclPermissionTypes.ALLOW };
    const acl = { ...resource, ...who, resourcePatternType: LITERAL, operation: AclOperations.ALL };
    await this.admin((admin) => admin.createAcls({ creations: [acl] }));
  }

  /** Of a broker with a disk of its own: nothing more fits. */
  async fillDisk(): Promise<void> {
    await this.#disk?.fill();
  }

  async resizeDisk(bytes: number): Promise<void> {
    await this.#disk?.resize(bytes);
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

  /** Reads a topic until that is stopped, and then says what came, and when, in Unix µs. */
  tail(topic: string): { stop: () => Promise<{ atUs: number; value: unknown }[]> } {
    const end = Promise.withResolvers<void>();
    const input = async function* () {
      yield "";
      await end.promise;
    };
    const read = this.#python("tail.py", topic).output(input());
    const stop = async () => {
      end.resolve();
      const { code, stdout, stderr } = await read;
      if (code !== 0) throw new Error(`Cannot read ${topic}: ${stderr}`);
      return stdout.split("\n").slice(0, -1).map((line) => {
        const [atUs = "", value = ""] = line.split("\t");
        return { atUs: Number(atUs), value: JSON.parse(value) as unknown };
      });
    };
    return { stop };
  }

  /** Has two who are not ours write numbers in transactions, of which some are given up. @returns those that are committed */
  async writeTransactions(topic: string): Promise<number[]> {
    return JSON.parse(await this.#read("transactions.py", topic));
  }

  async #read(name: string, what: string): Promise<string> {
    const { code, stdout, stderr } = await this.#python(name, what).output();
    if (code !== 0) throw new Error(`Cannot read the topics: ${stderr}`);
    return stdout;
  }

  #python(name: string, what: string): Command {
    const script = new URL(name, import.meta.url).pathname;
    const python = [
      "-c",
      `import sys; sys.path.insert(0, ${JSON.stringify(KAFKA_PYTHON)}); ` +
      `sys.argv = [${JSON.stringify(name)}, *sys.argv[1:]]; exec(open(${JSON.stringify(script)}).read())`,
    ];
    return new Command("python3", [...python, this.address, what]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#disk?.unmount();
    await Deno.remove(this.#folder, { recursive: true });
  }

  #java(...args: string[]): Command {
    return this.#disk ? this.#disk.command("java", args) : new Command("java", args);
  }

  get #file(): string {
    return `${this.#folder}/server.properties`;
  }

  #secured({ pemPath, mayNothing }: SecuredListener): Record<string, string> {
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
      ...mayNothing && {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
      },
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
