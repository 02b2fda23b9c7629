// A folder that is to be released, and what Deno says of it.
import { closureOf, type Lock, type Package } from "./lock.ts";

/** The processes that a release is for. */
export const PROCESSES = ["edge", "aggregator"] as const;

export class Folder {
  readonly #root: URL;

  /** @param root ends in a slash */
  constructor(root: URL) {
    this.#root = root;
  }

  read(path: string): string {
    return Deno.readTextFileSync(new URL(path, this.#root));
  }

  write(path: string, text: string): void {
    Deno.writeTextFileSync(new URL(path, this.#root), text);
  }

  /** Runs Deno there. */
  async deno(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    return await run(Deno.execPath(), args, this.#root);
  }

  /** Which version a commit is that led to what is here; null: there is none. */
  async versionAt(commit: string): Promise<string | null> {
    const isBefore = await run("git", ["merge-base", "--is-ancestor", "--", commit, "HEAD"], this.#root);
    if (isBefore.code !== 0) return null;
    const { code, out } = await run("git", ["show", `${commit}:deno.json`], this.#root);
    return code === 0 ? JSON.parse(out).version ?? null : null;
  }

  /** All of its TypeScript that Deno runs. */
  modules(under = ""): string[] {
    return [...Deno.readDirSync(new URL(under || ".", this.#root))].flatMap(({ name, isDirectory }) => {
      const path = under + name;
      if (/^(\.|node_modules$|data$|coverage$)/.test(name) || path === "wasm/assembly") return [];
      return isDirectory ? this.modules(`${path}/`) : path.endsWith(".ts") ? [path] : [];
    });
  }

  /** Ids of the packages that its processes load. */
  async shipped(lock: Lock): Promise<Set<string>> {
    const ids: string[] = [];
    for (const part of PROCESSES) {
      const { code, out, err } = await this.deno("info", "--json", `${part}/main.ts`);
      if (code !== 0) throw new Error(`Cannot tell what ${part}/main.ts loads: ${err.trim()}`);
      const { modules }: { modules: { npmPackage?: string }[] } = JSON.parse(out);
      // As in the lock file, with the peers by which they were resolved.
      for (const { npmPackage } of modules) if (npmPackage) ids.push(npmPackage.replace(/(?<=.@[^_]*)_.*/, ""));
    }
    return closureOf(lock, ids);
  }

  /** What packages say of their licence themselves, of those that Deno has here. */
  async licences(): Promise<(one: Package) => string | null> {
    const { npmCache }: { npmCache: string } = JSON.parse((await this.deno("info", "--json")).out);
    const registries = [...Deno.readDirSync(npmCache)].map(({ name }) => `${npmCache}/${name}`);
    return ({ name, version }) => {
      for (const registry of registries) {
        const text = readIfThere(`${registry}/${name}/${version}/package.json`);
        if (text !== null) return licenceIn(JSON.parse(text));
      }
      return null;
    };
  }

  /** What the registry says of one that is not here. */
  async askForLicence({ id }: Package): Promise<string | null> {
    const { code, out, err } = await run("npm", ["view", id, "license", "--json"], this.#root);
    if (code !== 0) throw new Error(`Cannot ask for the licence of ${id}: ${err.trim()}`);
    return licenceIn({ license: JSON.parse(out || "null") });
  }
}

// Older packages have an object, or several.
function licenceIn({ license, licenses }: { license?: unknown; licenses?: unknown }): string | null {
  if (typeof license === "string") return license;
  const some = Array.isArray(licenses) ? licenses : [license];
  const names = some.map((one) => one?.type).filter((type) => typeof type === "string");
  return names.length === 0 ? null : names.join(" OR ");
}

function readIfThere(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function run(command: string, args: string[], cwd: URL) {
  const env = { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  const { code, stdout, stderr } = await new Deno.Command(command, { args, cwd, env, stdin: "null" }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}
