// A nats-server with JetStream, as tests/with/nats.sh installs it: on a port of its own, in a folder of its own, and it can be killed
// and come back.
import { Command } from "../e2e/command.ts";
import { freePort } from "../e2e/free_port.ts";
import { Killable } from "../e2e/killable.ts";
import { type Consumed, runPython } from "../publishing/consumed.ts";

const PACKAGES = Deno.env.get("NATS_PATH") ??
  `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/slipstream/nats-py-2.16.0`;

/** Whether it is installed, and the client that is not ours. */
export const hasNats: boolean = await new Command("test", ["-f", `${PACKAGES}/complete`]).succeeds() &&
  await new Command("nats-server", ["--version"]).succeeds();

export class NatsServer implements AsyncDisposable {
  readonly #folder: string;
  readonly #settings: string[];
  readonly #port = freePort();
  readonly #process = new Killable("a nats-server", this.#port);

  private constructor(folder: string, settings: string[]) {
    this.#folder = folder;
    this.#settings = settings;
  }

  /** @param settings further lines of its configuration; JetStream is on unless it is said */
  static async start(
    { jetstream = true, settings = [] }: { jetstream?: boolean; settings?: string[] } = {},
  ): Promise<NatsServer> {
    const folder = await Deno.makeTempDir({ prefix: "slipstream-nats-" });
    const store = jetstream ? [`jetstream { store_dir: "${folder}" }`] : [];
    const server = new NatsServer(folder, [...store, ...settings]);
    await server.restart();
    return server;
  }

  /** HOST:PORT */
  get address(): string {
    return `localhost:${this.#port}`;
  }

  /** Where it was, with what it had. */
  async restart(): Promise<void> {
    const file = `${this.#folder}/server.conf`;
    await Deno.writeTextFile(file, [`listen: "127.0.0.1:${this.#port}"`, ...this.#settings].join("\n"));
    await this.#process.start(new Command("nats-server", ["-c", file]));
  }

  async kill(): Promise<void> {
    await this.#process.kill();
  }

  /** All that is in the streams; the server must let in anybody then. */
  async consume(prefix: string): Promise<Consumed> {
    const args = [this.address, prefix];
    return JSON.parse(await runPython(new URL("consume.py", import.meta.url), { packages: PACKAGES, args }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
