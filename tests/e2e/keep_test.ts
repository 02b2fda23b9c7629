import { assertEquals, assertGreaterOrEqual, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isUsed, replayCommand } from "../../sim/keeping.ts";
import { runToEnd } from "./process.ts";

const demo = (...args: string[]) => runToEnd(["task", "--quiet", "demo", "--port", "0", "--edge-port", "0", ...args]);

describe("deno task demo --keep", () => {
  it("leaves a run that the command it prints replays without a difference", async () => {
    const directory = await Deno.makeTempDir();
    try {
      const folder = `${directory}/a run`;
      const { code, stdout, stderr } = await demo("--seconds", "3", "--drones", "5", "--keep", folder);
      assertEquals(code, 0, stderr);
      const [, command] = /^kept in .*: deno (task replay .*)$/m.exec(stdout) ?? [];
      assertStringIncludes(`${command}`, folder);
      const args = (command ?? "").match(/'[^']*'|\S+/g)!.map((word) => word.replaceAll("'", ""));
      const replayed = await runToEnd(args);
      assertMatch(replayed.stdout, /"type":"tumbling"/, replayed.stderr);
      const compared = await runToEnd([...args, "--diff"]);
      assertEquals([replayed.code, compared.code, compared.stdout], [0, 0, ""], compared.stderr);
      const windows = replayed.stdout.matchAll(
        /"type":"(?:tumbling|sliding)","window":\{"fleet":"[^"]*","zone":"[^"]*","startUs":\d+/g,
      );
      const [, equal] = /^(\d+) windows and alerts are equal, 0 differ/m.exec(compared.stderr) ?? [];
      assertGreaterOrEqual(Number(equal), new Set(Array.from(windows, ([window]) => window)).size, compared.stderr);
      // A second run would go on with the first one's journal.
      const again = await demo("--seconds", "3", "--keep", folder);
      assertEquals([again.code, again.stdout], [2, ""]);
      assertStringIncludes(again.stderr, `${folder} is not an empty folder`);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
});

describe("a folder to keep a run in", () => {
  it("is one that is empty or not there yet", async () => {
    const directory = await Deno.makeTempDir();
    try {
      assertEquals([await isUsed(directory), await isUsed(`${directory}/new`)], [false, false]);
      await Deno.writeTextFile(`${directory}/file`, "");
      assertEquals([await isUsed(directory), await isUsed(`${directory}/file`)], [true, true]);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });

  it("stands in the command as a shell reads it", () => {
    assertEquals(
      replayCommand("/tmp/it's"),
      `deno task replay --journal '/tmp/it'\\''s/journal' --sqlite '/tmp/it'\\''s/slipstream.sqlite'`,
    );
    assertStringIncludes(replayCommand("/tmp/a-b_1.x"), "--journal /tmp/a-b_1.x/journal ");
  });
});
