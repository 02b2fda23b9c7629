import { assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { hasPython, installedForNode, installedForPython, PYTHON } from "../clients/installed.ts";
import { System, until } from "../e2e/system.ts";
import { readPages, ROOT, type Snippet, snippetsOf } from "./pages.ts";

const RUN_MS_MAX = 30_000;
/** A drone in the air that fell silent would be told of after three seconds. */
const QUIET_S = 4;
/** What it shows is run where nothing but a package is installed. */
const CLIENTS = "docs/clients.md";
const INSTALLED_LINES_MAX = 20;

const snippets = (await readPages()).flatMap(snippetsOf);
const hasWebsockets = await succeeds("python3", "-c", "import websockets");

async function succeeds(command: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Runs a snippet as somebody would who has pasted it into a file of this folder, but for the ports. */
async function run(
  { code }: Snippet,
  system: System,
  { command: [command, ...args], cwd = ROOT, env = {} }: {
    command: [string, ...string[]];
    cwd?: string | URL;
    env?: Record<string, string>;
  },
) {
  const child = new Deno.Command(command, {
    args,
    cwd,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(RUN_MS_MAX),
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  const host = (url: string) => new URL(url).host;
  const here = code.replaceAll("127.0.0.1:8787", host(system.edge.url))
    .replaceAll("127.0.0.1:8788", host(system.aggregator.url));
  await writer.write(new TextEncoder().encode(here));
  await writer.close();
  const { code: exitCode, stdout, stderr } = await output;
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { exitCode, out: out!, err: err! };
}

const DENO: { command: [string, ...string[]] } = { command: [Deno.execPath(), "run", "-A", "--quiet", "-"] };

/** Those that need nothing but this folder, or, of one page, an installed package. */
function runnable(language: string, page?: string): Snippet[] {
  const found = snippets.filter((snippet) =>
    snippet.language === language && (page === undefined ? snippet.page !== CLIENTS : snippet.page === page)
  );
  assertGreater(found.length, 0, language);
  return found;
}

/** Each of these drones is known, nobody is warned of any, and nobody will be for its silence. */
async function assertQuiet(system: System, droneIds: string[]): Promise<void> {
  for (const droneId of droneIds) {
    const { lastIngestionTimeUs } = await system.drone(droneId);
    await until(`${droneId} has been silent`, async () => {
      return (await system.fleet()).timeUs - lastIngestionTimeUs > QUIET_S * 1e6;
    });
  }
  const response = await fetch(`${system.aggregator.url}/v1/alerts?state=open`);
  assertEquals(await response.json(), { alerts: [] });
  assertEquals(await system.alertHistory(), []);
}

const idsIn = (found: Snippet[]) => found.flatMap(({ code }) => code.match(/my-[\w-]*drone/g) ?? []);

describe("the snippets of the pages", () => {
  it("in TypeScript are acknowledged, also when they are run again, and alarm nobody", async () => {
    await using system = await System.start();
    const found = runnable("ts");
    for (const snippet of [...found, ...found]) {
      const { exitCode, out, err } = await run(snippet, system, DENO);
      assertEquals([exitCode, err], [0, ""], snippet.page);
      assertMatch(out, /hello[\s\S]*ack/);
    }
    await assertQuiet(system, idsIn(found));
  });

  it(
    "in Python are acknowledged beside those in TypeScript, and alarm nobody",
    { ignore: !hasWebsockets },
    async () => {
      await using system = await System.start();
      const [typescript, python] = [runnable("ts"), runnable("python")];
      for (const snippet of typescript) await run(snippet, system, DENO);
      for (const snippet of [...python, ...python]) {
        const { exitCode, out, err } = await run(snippet, system, { command: ["python3", "-"] });
        assertEquals([exitCode, err, out], [0, "", "acknowledged\n"], snippet.page);
      }
      await assertQuiet(system, [...idsIn(typescript), ...idsIn(python)]);
    },
  );

  it("for Node are acknowledged by the installed package, also when they are run again, and alarm nobody", async () => {
    await using system = await System.start();
    const found = runnable("js", CLIENTS);
    const node = {
      command: ["node", "--input-type=module", "-"] as [string, ...string[]],
      cwd: await installedForNode(),
    };
    for (const snippet of [...found, ...found]) {
      const { exitCode, out, err } = await run(snippet, system, node);
      assertEquals([exitCode, err, out], [0, "", "acknowledged\n"]);
    }
    await assertQuiet(system, idsIn(found));
  });

  it("for Python's package are acknowledged, and alarm nobody", { ignore: !hasPython }, async () => {
    await using system = await System.start();
    const folder = await Deno.makeTempDir();
    try {
      const found = runnable("python", CLIENTS);
      const env = { PYTHONPATH: await installedForPython(folder) };
      for (const snippet of [...found, ...found]) {
        const { exitCode, out, err } = await run(snippet, system, { command: [PYTHON, "-"], cwd: folder, env });
        assertEquals([exitCode, err, out], [0, "", "acknowledged\n"]);
      }
      await assertQuiet(system, idsIn(found));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  it(`lead from an installation to the first acknowledged record in at most ${INSTALLED_LINES_MAX} lines`, () => {
    const lines = (language: string) =>
      snippets.filter(({ page, language: own }) => page === CLIENTS && own === language)
        .map(({ code }) => code.trim().split("\n").length);
    const [installsNode = 0, installsPython = 0, ...more] = lines("sh");
    assertEquals(more, []);
    for (const [installs, language] of [[installsNode, "js"], [installsPython, "python"]] as const) {
      const [written = 0, ...others] = lines(language);
      assertGreater(written, 0);
      assertLess(installs + written, INSTALLED_LINES_MAX + 1);
      assertEquals(others, []);
    }
  });

  it("are of languages that a test knows what to do with", () => {
    const known = ["ts", "js", "python", "sh", "nginx", "json", ""];
    assertEquals(snippets.filter(({ language }) => !known.includes(language)), []);
    for (const { language, code } of snippets) if (language === "json") JSON.parse(code);
    // What nginx reads is tried by identity/nginx_edges_test.ts. Shell is looked at by commands_test.ts: all of it is tasks,
    // but for questions by curl, messages by mosquitto, and for what contributors and users install.
    const shell = snippets.filter(({ language }) => language === "sh").flatMap(({ page, code }) =>
      code.trim().split("\n").map((line) => `${page}: ${line}`)
    );
    const knownLine =
      /^[\w/.]+: (npx -y deno@2\.9\.6 |deno |curl |mosquitto_[ps]ub )|^docs\/clients\.md: (npm (install|pack)|python3 -m pip install) |^CONTRIBUTING\.md: (rustup|cargo|PYTHONPATH=\S+ python3) /;
    assertEquals(shell.filter((line) => !knownLine.test(line)), []);
  });
});
