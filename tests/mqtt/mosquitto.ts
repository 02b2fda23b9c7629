// A broker as tests/with/mosquitto.sh installs it: on a port of its own, in a folder of its own, with what it holds on the disk; it
// can be killed and come back.
import { Command } from "../e2e/command.ts";
import { freePort } from "../e2e/free_port.ts";
import { Killable } from "../e2e/killable.ts";
import { hasTool } from "../server/tools.ts";

export const hasMosquitto: boolean = hasTool("mosquitto") && hasTool("mosquitto_sub");

export class Mosquitto implements AsyncDisposable {
  readonly #folder: string;
  readonly #settings: string[];
  readonly port: number = freePort();
  readonly #process = new Killable("mosquitto", this.port);

  private constructor(folder: string, settings: string[]) {
    this.#folder = folder;
    this.#settings = settings;
  }

  /** @param settings further lines of its configuration; without any it lets in everybody */
  static async start({ settings = ["allow_anonymous true"] }: { settings?: string[] } = {}): Promise<Mosquitto> {
    const broker = new Mosquitto(await Deno.makeTempDir({ prefix: "slipstream-mosquitto-" }), settings);
    await broker.restart();
    return broker;
  }

  /** HOST:PORT */
  get address(): string {
    return `localhost:${this.port}`;
  }

  /** Where it was, with what it had. */
  async restart(): Promise<void> {
    const file = `${this.#folder}/mosquitto.conf`;
    const own = [`listener ${this.port} 127.0.0.1`, "persistence true", `persistence_location ${this.#folder}/`];
    await Deno.writeTextFile(file, [...own, "user root", ...this.#settings, ""].join("\n"));
    await this.#process.start(new Command("mosquitto", ["-c", file]));
  }

  async kill(): Promise<void> {
    await this.#process.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
