// A filesystem in memory, of a size that can be changed, in a mount namespace that outlives those who use it: they are started in it.
import { Command } from "../e2e/command.ts";

export class SmallDisk {
  readonly #path: string;
  readonly #holder: Deno.ChildProcess;

  private constructor(path: string, holder: Deno.ChildProcess) {
    this.#path = path;
    this.#holder = holder;
  }

  /** Whether this machine lets one be mounted. */
  static async isPossible(): Promise<boolean> {
    return await new Command("unshare", ["-m", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt"]).succeeds();
  }

  /** Mounts one there. */
  static async mount(path: string, bytes: number): Promise<SmallDisk> {
    await Deno.mkdir(path, { recursive: true });
    const script = `mount -t tmpfs -o size=${bytes} tmpfs "$0" && echo mounted && exec sleep infinity`;
    const holder = new Deno.Command("unshare", {
      args: ["-m", "sh", "-c", script, path],
      ...{ stdin: "null", stdout: "piped", stderr: "null" } as const,
    }).spawn();
    const reader = holder.stdout.getReader();
    const { done } = await reader.read();
    await reader.cancel();
    if (done) throw new Error(`Cannot mount a filesystem at ${path}`);
    return new SmallDisk(path, holder);
  }

  /** A program that sees it. */
  command(name: string, args: string[]): Command {
    return new Command("nsenter", ["-t", `${this.#holder.pid}`, "-m", name, ...args]);
  }

  /** Until nothing more fits. */
  async fill(): Promise<void> {
    await this.command("sh", ["-c", 'cat /dev/zero >"$0/filler"', this.#path]).output();
  }

  async resize(bytes: number): Promise<void> {
    const { code, stderr } = await this.command("mount", ["-o", `remount,size=${bytes}`, this.#path]).output();
    if (code !== 0) throw new Error(`Cannot change the size of ${this.#path}: ${stderr}`);
  }

  /** All that is in it goes. */
  async unmount(): Promise<void> {
    this.#holder.kill("SIGKILL");
    await this.#holder.status;
  }
}
