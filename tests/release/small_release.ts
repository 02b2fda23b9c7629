// A folder that can be released, with the commit of the release before: two processes that only tell their version, and the packages that they and their tests load.
import { LAST_RELEASE } from "../../deploy/release/last_release.ts";
import { licencesPage } from "../../deploy/release/licences.ts";
import { parseLock } from "../../deploy/release/lock.ts";
import { tool } from "../identity/tools.ts";

const ROOT = new URL("../../", import.meta.url);
const VERSION = "1.2.3";
const BEFORE = "1.2.2";
const PINS = { "quick-lru": "npm:quick-lru@7.3.0", "axe-core": "npm:axe-core@4.14.1" };
const LICENCES: Record<string, string> = { "quick-lru": "MIT", "axe-core": "MPL-2.0" };

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
const process = (version: string) => `import "quick-lru";\nconsole.log("slipstream ${version}");\n`;

function lockOf(pins: string[]): string {
  const { npm } = JSON.parse(Deno.readTextFileSync(new URL("deno.lock", ROOT)));
  const ids = pins.map((pin) => pin.replace("npm:", ""));
  return json({
    version: "5",
    specifiers: Object.fromEntries(ids.map((id) => [`npm:${id}`, id.split("@").at(-1)])),
    npm: Object.fromEntries(ids.map((id) => [id, npm[id]])),
    workspace: { dependencies: ids.map((id) => `npm:${id}`) },
  });
}

/** By path. Pages and lock file fit the rest. */
function filesOf(): Record<string, string> {
  const lock = lockOf(Object.values(PINS).sort());
  const list = [...parseLock(lock).packages.values()].map((one) => {
    return { ...one, licence: LICENCES[one.name]!, isShipped: one.name === "quick-lru" };
  });
  return {
    "deno.json": json({ version: VERSION, importMap: "./import_map.json", lock: "./deno.lock" }),
    "import_map.json": json({ imports: PINS }),
    "deno.lock": lock,
    "CHANGELOG.md":
      `# Changelog\n\n## ${VERSION} (2026-11-30)\n\n### Added\n\n- Something.\n\n## ${BEFORE} (2026-10-30)\n`,
    "docs/licences.md": licencesPage(list.sort((a, b) => (a.id < b.id ? -1 : 1))),
    "edge/main.ts": process(VERSION),
    "aggregator/main.ts": process(VERSION),
    "tests/a_test.ts": `import "axe-core";\n`,
  };
}

/** Has git do something in a folder. @returns what it says */
export async function git(path: string, ...args: string[]): Promise<string> {
  const identity = ["-c", "user.name=a test", "-c", "user.email=test@localhost"];
  const { code, out, err } = await tool("git", ["-C", path, ...identity, ...args]);
  if (code !== 0) throw new Error(`Cannot run git ${args.join(" ")}: ${err}`);
  return out.trim();
}

/** Commits a version, of which nothing else is looked at. @returns its hash */
async function commit(path: string, version: string): Promise<string> {
  await Deno.writeTextFile(`${path}/deno.json`, json({ version }));
  await git(path, "init", "--quiet");
  await git(path, "add", "deno.json");
  await git(path, "commit", "--quiet", "-m", version);
  return await git(path, "rev-parse", "HEAD");
}

/** The folder, with some files changed; `change` is given what would be written. */
export async function smallRelease(
  change: (files: Record<string, string>) => Record<string, string> = () => ({}),
): Promise<AsyncDisposable & { root: URL }> {
  const path = await Deno.makeTempDir();
  const files = { ...filesOf(), [LAST_RELEASE]: `${await commit(path, BEFORE)}\n` };
  for (const [name, text] of Object.entries({ ...files, ...change(files) })) {
    const file = `${path}/${name}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(file, text);
  }
  return {
    root: new URL(`file://${path}/`),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
