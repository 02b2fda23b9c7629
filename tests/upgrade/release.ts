// The release before this one, out of git: last_release.txt names its commit. A release writes its own commit there.
const ROOT = new URL("../../", import.meta.url);

/** The commit that is called the last release. */
export async function lastRelease(): Promise<string> {
  return (await Deno.readTextFile(new URL("last_release.txt", import.meta.url))).trim();
}

/** Whether this clone has a commit: a shallow one may not, and a copy without git has none. */
export async function hasCommit(commit: string): Promise<boolean> {
  try {
    const { success } = await git(["cat-file", "-e", `${commit}^{commit}`]);
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** A folder with the files of a commit, and nothing else. */
export class Release implements AsyncDisposable {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /** @throws {Error} when git cannot read it */
  static async unpack(commit: string): Promise<Release> {
    const root = await Deno.makeTempDir({ prefix: "slipstream-release-" });
    const archive = `${root}.tar`;
    try {
      for (
        const [command, args] of [["git", ["archive", "-o", archive, commit]], ["tar", [
          "-xf",
          archive,
          "-C",
          root,
        ]]] as const
      ) {
        const { success, stderr } = await run(command, args);
        if (!success) throw new Error(`Cannot unpack ${commit}: ${new TextDecoder().decode(stderr)}`);
      }
    } finally {
      await Deno.remove(archive).catch(() => {});
    }
    return new Release(root);
  }

  /** What its edges and aggregators say that they speak; 0 where they say nothing of it. */
  async uplinkProtocol(): Promise<number> {
    try {
      const text = await Deno.readTextFile(`${this.root}/proto/versions.ts`);
      return Number(/UPLINK_PROTOCOL = (\d+)/.exec(text)?.[1]);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return 0;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.root, { recursive: true });
  }
}

function git(args: readonly string[]): Promise<Deno.CommandOutput> {
  return run("git", args);
}

function run(command: string, args: readonly string[]): Promise<Deno.CommandOutput> {
  return new Deno.Command(command, { args: [...args], cwd: ROOT, stdout: "null", stderr: "piped" }).output();
}
