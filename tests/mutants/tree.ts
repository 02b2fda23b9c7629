// A copy of the repository in which a mutant is let loose: files as they are now, committed or not, never the originals.
import { dirname } from "node:path";
import { type Mutant, mutated, type TestRun, type Verdict, verdictOf } from "./mutant.ts";

const ROOT = new URL("../../", import.meta.url);
/** Mutants of it are compiled before their tests. */
const ASSEMBLY = "wasm/assembly/";
const BINARY = "wasm/hot_path.wasm";

export interface Judged {
  name: string;
  verdict: Verdict;
  seconds: number;
}

/** One copy; what it judges, it judges one after the other. */
export class Tree implements AsyncDisposable {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** @throws {Error} when the repository's files cannot be listed */
  static async copy(): Promise<Tree> {
    const path = await Deno.makeTempDir({ prefix: "slipstream-mutants-" });
    const listed = await run("git", { args: ["ls-files", "-coz", "--exclude-standard"], cwd: ROOT });
    if (listed.code !== 0) throw new Error(`Cannot list the files of the repository: ${listed.output}`);
    for (const file of listed.output.split("\0").filter(Boolean)) {
      await Deno.mkdir(dirname(`${path}/${file}`), { recursive: true });
      await Deno.copyFile(new URL(file, ROOT), `${path}/${file}`).catch(ignoreDeleted);
    }
    return new Tree(path);
  }

  /** Runs test files, given from `tests/`, until the first that fails. */
  async test(files: readonly string[], limitMs: number): Promise<TestRun> {
    const args = ["test", "-A", "--no-check", "--quiet", "--fail-fast", ...files.map((file) => `tests/${file}`)];
    return await run(Deno.execPath(), { args, cwd: this.#path, limitMs });
  }

  /** Puts a mutant into the copy, runs its tests, and takes it out again. */
  async judge(mutant: Mutant, limitMs: number): Promise<Judged> {
    const beganMs = performance.now();
    const verdict = await this.#judge(mutant, limitMs);
    return { name: mutant.name, verdict, seconds: Math.round((performance.now() - beganMs) / 100) / 10 };
  }

  async #judge(mutant: Mutant, limitMs: number): Promise<Verdict> {
    const path = `${this.#path}/${mutant.file}`;
    const original = await Deno.readTextFile(path).catch(ignoreDeleted);
    const text = original === undefined ? null : mutated(original, mutant);
    if (original === undefined || text === null) return "stale";
    const binary = mutant.file.startsWith(ASSEMBLY) ? await Deno.readFile(`${this.#path}/${BINARY}`) : null;
    await Deno.writeTextFile(path, text);
    try {
      if (binary) {
        const built = await run(Deno.execPath(), { args: ["run", "-A", "wasm/build.ts"], cwd: this.#path });
        if (built.code !== 0) return "broken";
      }
      return verdictOf(await this.test(mutant.tests, limitMs), mutant);
    } finally {
      await Deno.writeTextFile(path, original);
      if (binary) await Deno.writeFile(`${this.#path}/${BINARY}`, binary);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#path, { recursive: true });
  }
}

// Listed by git, and deleted since.
function ignoreDeleted(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

async function run(
  command: string,
  { args, cwd, limitMs = 600_000 }: { args: string[]; cwd: string | URL; limitMs?: number },
): Promise<TestRun> {
  const env = { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  const child = new Deno.Command(command, { args, cwd, env, stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
  let ended = true;
  const timer = setTimeout(() => {
    ended = false;
    child.kill("SIGKILL");
  }, limitMs);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  return { code: ended ? code : null, output: decoder.decode(stdout) + decoder.decode(stderr) };
}
