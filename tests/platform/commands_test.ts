import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AGGREGATOR_SETTINGS } from "../../aggregator/config.ts";
import { EDGE_SETTINGS } from "../../edge/config.ts";
import { VERSION } from "../../platform/version.ts";
import { runToEnd } from "../e2e/process.ts";

const { tasks } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
/** Deno's own commands, with Deno's own options. */
const DENOS = ["test", "check", "ok"];
const SETTINGS: Record<string, object> = { edge: EDGE_SETTINGS, aggregator: AGGREGATOR_SETTINGS };

const run = (task: string, ...args: string[]) => runToEnd(["task", "--quiet", task, ...args]);

for (const task of Object.keys(tasks).filter((task) => !DENOS.includes(task))) {
  describe(`deno task ${task}`, () => {
    it("tells with --help and -h how it is used, and does nothing else", async () => {
      const [long, short] = await Promise.all([run(task, "--help"), run(task, "-h")]);
      assertEquals([long.code, long.stderr], [0, ""], long.stdout);
      assertEquals(short, long);
      assertMatch(long.stdout, new RegExp(`^Usage: deno task ${task} `));
      assertStringIncludes(long.stdout, "--help");
      for (const name of Object.keys(SETTINGS[task] ?? {})) {
        assertMatch(long.stdout, new RegExp(`^  ${name} .*\\)$`, "m"));
      }
    });

    it("tells with --version which Slipstream it is, and does nothing else", async () => {
      assertEquals(await run(task, "--version"), { code: 0, stdout: `slipstream ${VERSION}\n`, stderr: "" });
    });

    it("refuses a mistyped option in one line that names the nearest, and does nothing else", async () => {
      const { code, stdout, stderr } = await run(task, "--hlep");
      assertEquals([code, stdout], [2, ""], stderr);
      assertEquals(
        stderr,
        `Cannot run deno task ${task}: --hlep: no such option; the nearest is --help (see --help)\n`,
      );
    });
  });
}
