// What the check says of builds that are broken on purpose: each by its name, and of the one that is not, nothing.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { look } from "./check.ts";
import type { Problem } from "./problem.ts";
import { Proofs } from "./proofs.ts";
import { run } from "./run.ts";
import { prepare } from "./site.ts";
import { readDeployBlock } from "./deploy_block.ts";
import { assemble } from "./upload.ts";
import { changes, snapshot } from "./written.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const proofs = await Proofs.create("deploy");
const ENV = { ...proofs.edgeEnv, SLIPSTREAM_UPLINK_URL: "ws://127.0.0.1:9/v1/uplink" };

interface Build {
  /** Lines in front of edge/main.ts. */
  first?: string;
  /** Files besides, by path. */
  files?: Record<string, string>;
  denoJson?: (config: Record<string, unknown>) => Record<string, unknown>;
}

/** What the deploy block includes, whether this is a repository or not. */
async function copyIncluded(to: string): Promise<void> {
  const { include } = readDeployBlock(await Deno.readTextFile(join(ROOT, "deno.json")));
  await Deno.mkdir(to);
  const from = include.map((place) => join(ROOT, place.replace(/\/$/, "")));
  assertEquals((await run("cp", { args: ["-r", ...from, to] })).code, 0);
}

/** A repository with the files of an upload, changed; what the check says of it, and what was written. */
async function judge({ first = "", files = {}, denoJson = (config) => config }: Build): Promise<Problem[]> {
  const folder = await Deno.makeTempDir({ prefix: "slipstream-build-" });
  try {
    const source = join(folder, "source");
    await copyIncluded(source);
    const config = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
    await Deno.writeTextFile(join(source, "deno.json"), JSON.stringify(denoJson(config)));
    const main = join(source, "edge/main.ts");
    await Deno.writeTextFile(main, first + await Deno.readTextFile(main));
    for (const [path, text] of Object.entries(files)) await Deno.writeTextFile(join(source, path), text);
    assertEquals((await run("git", { args: ["init", "--quiet"], cwd: source })).code, 0);
    const upload = await assemble(source, join(folder, "upload"));
    const site = await prepare(upload, { deno: Deno.execPath(), folder: join(folder, "own") });
    const before = await snapshot(site);
    const problems = await look(site, ENV);
    assertEquals(changes(before, await snapshot(site)), []);
    return problems;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

describe("the check of an upload", () => {
  it("finds nothing wrong with what would go up", async () => {
    assertEquals(await judge({}), []);
  });

  it("names an import of a file that is not uploaded: one that git ignores, and one of the tests", async () => {
    const files = { ".gitignore": "secret.ts\n", "edge/secret.ts": "export const secret = 1;\n" };
    assertEquals(await judge({ first: "import './secret.ts';\n", files }), [{
      name: "import-not-uploaded",
      text: "edge/main.ts imports ./secret.ts, which is not uploaded",
    }]);
    const later = await judge({ first: "export const later = () => import('../tests/edge/rig.ts');\n" });
    assertEquals(later.map(({ name }) => name), ["import-not-uploaded"]);
    assertStringIncludes(later[0]!.text, "edge/main.ts imports ../tests/edge/rig.ts");
  });

  it("names a write to disk, and the line that does it", async () => {
    const [problem, ...more] = await judge({ first: 'Deno.writeTextFileSync("edge/cache.json", "{}");\n' });
    assertEquals([problem?.name, more], ["write-to-disk", []]);
    assertStringIncludes(problem!.text, "edge/main.ts:1 writes to disk");
  });

  it("names a flag that it needs", async () => {
    const denoJson = ({ unstable: _, ...config }: Record<string, unknown>) => config;
    const [problem, ...more] = await judge({ denoJson });
    assertEquals([problem?.name, more], ["flag-needed", []]);
    assertStringIncludes(problem!.text, "--unstable-kv");
  });

  it("tells whatever else keeps it from starting", async () => {
    const [problem, ...more] = await judge({ first: 'throw new Error("Cannot go on");\n' });
    assertEquals([problem?.name, more], ["does-not-start", []]);
    assertStringIncludes(problem!.text, "Cannot go on");
  });
});
