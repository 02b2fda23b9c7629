// What the Dockerfile makes of this repository, without an engine: the same files, the same build, the same commands, as the same
// user, in a root file system of their own that is read only.
import { Folder } from "../../deploy/release/folder.ts";
import { parseLock } from "../../deploy/release/lock.ts";
import { Process } from "../e2e/process.ts";
import { tool } from "../identity/tools.ts";
import { ROOT } from "./tools.ts";

const IN_ROOT = new URL("in_root.sh", import.meta.url).pathname;
const NOBODY = "1993:1993";
const MAY_BE_WRITTEN = "/data";

/** By variable, as the Dockerfile sets them. */
export function environmentOf(dockerfile: string): Record<string, string> {
  const [, set = ""] = /^ENV ((?:.*\\\n)*.*)$/m.exec(dockerfile) ?? [];
  return Object.fromEntries(Array.from(set.matchAll(/(\w+)=(\S+)/g), ([, name, value]) => [name!, value!]));
}

/** Whether a path is part of an image, by the last line of .dockerignore that says something of it. */
export function isCopied(path: string, dockerignore: string): boolean {
  let copied = true;
  for (const line of dockerignore.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const pattern = line.replace(/^!/, "");
    const fits = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}(/|$)`);
    if (fits.test(path)) copied = line.startsWith("!");
  }
  return copied;
}

/** Of this repository, and what has grown in it. */
function filesOf(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder || ".", ROOT))].flatMap(({ name, isDirectory }) => {
    if (/^(\.git|node_modules|data|coverage)$/.test(name)) return [];
    return isDirectory ? filesOf(`${folder}${name}/`) : [folder + name];
  });
}

/** Whether this process may make such roots: it needs mounts. */
export async function canMakeRoots(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const path = await Deno.makeTempDir();
  await Deno.chmod(path, 0o755);
  const { code } = await tool(IN_ROOT, [path, "ro", NOBODY, "/usr/bin/true"]).catch(() => ({ code: 1 }));
  await Deno.remove(path, { recursive: true });
  return code === 0;
}

export class ImageRoot implements AsyncDisposable {
  readonly path: string;
  readonly #environment: string[];

  private constructor(path: string, environment: string[]) {
    this.path = path;
    this.#environment = environment;
  }

  static async build(): Promise<ImageRoot> {
    const path = await Deno.makeTempDir();
    const read = (name: string) => Deno.readTextFile(new URL(name, ROOT));
    const { PATH = "", DENO_DIR = "", ...set } = environmentOf(await read("Dockerfile"));
    const environment = Object.entries({ ...set, DENO_DIR, PATH: PATH.replace("$PATH", "/opt:/usr/bin:/bin") })
      .map(([name, value]) => `${name}=${value}`);
    const dockerignore = await read(".dockerignore");
    for (const file of filesOf("").filter((file) => isCopied(file, dockerignore))) {
      const to = `${path}/app/${file}`;
      await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
      await Deno.copyFile(new URL(file, ROOT), to);
    }
    await Deno.mkdir(`${path}/opt`);
    await Deno.copyFile(Deno.execPath(), `${path}/opt/deno`);
    await Deno.mkdir(path + MAY_BE_WRITTEN);
    await Deno.chown(path + MAY_BE_WRITTEN, 1993, 1993);
    await Deno.chmod(path, 0o755);
    const root = new ImageRoot(path, environment);
    await root.#seed(path + DENO_DIR);
    const { code, err } = await root.run("/app/deploy/image/build", [], { mode: "rw", user: "0:0" });
    if (code !== 0) throw new Error(`Cannot build the image: ${err}`);
    return root;
  }

  /** Runs a command to its end. */
  run(command: string, args: string[], { mode = "ro", user = NOBODY, env = {} }: {
    mode?: "ro" | "rw";
    user?: string;
    env?: Record<string, string>;
  } = {}): ReturnType<typeof tool> {
    return tool(IN_ROOT, [this.path, mode, user, ...this.#env(env), command, ...args]);
  }

  /** Starts a process of an image. */
  start(command: string, env: Record<string, string>): Promise<Process> {
    // It is told after Deno's own path, of which there is none in there.
    const only = ["sh", "-c", 'exec "$@"'];
    return Process.start({
      args: [command],
      through: [IN_ROOT, this.path, "ro", NOBODY, ...this.#env(env), ...only],
      readyWhen: "listening on",
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }

  #env(env: Record<string, string>): string[] {
    const own = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    return ["/usr/bin/env", "-i", ...this.#environment, ...own];
  }

  // What is here already need not be fetched again.
  async #seed(denoDir: string): Promise<void> {
    const folder = new Folder(ROOT);
    const { npmCache }: { npmCache: string } = JSON.parse((await folder.deno("info", "--json")).out);
    const lock = parseLock(folder.read("deno.lock"));
    const names = new Set(Array.from(await folder.shipped(lock), (id) => lock.packages.get(id)!.name));
    for (const { name: registry } of Deno.readDirSync(npmCache)) {
      for (const name of names) {
        const to = `${denoDir}/npm/${registry}/${name}`;
        await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
        await tool("cp", ["-r", `${npmCache}/${registry}/${name}`, to]);
      }
    }
  }
}
