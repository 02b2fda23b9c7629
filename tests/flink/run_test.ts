import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Command } from "../e2e/command.ts";
import { FLINK, script } from "./cluster.ts";

describe("windows.sql", () => {
  it("is filled in by script.sh, with values that it knows and no others", async () => {
    const sql = await script({ BROKERS: "one:1,two:2", PREFIX: "site" });
    assertStringIncludes(sql, "'properties.bootstrap.servers' = 'one:1,two:2'");
    assertStringIncludes(sql, "'topic' = 'site-metrics-flink'");
    assertEquals(/\$\{/.test(sql), false);
    const { code, stderr } = await new Command(`${FLINK}script.sh`, ["BROKER=one:1"]).output();
    assertEquals(code, 2);
    assertMatch(stderr, /^Cannot set BROKER: it is none of /);
  });
});

describe("flink/run.sh", () => {
  it("starts from no savepoint that its job has left behind: rows would come twice", async () => {
    const folder = await Deno.makeTempDir();
    const [savepoint, checkpoint] = [`${folder}/savepoints/one`, `${folder}/checkpoints/job/chk-3`];
    for (const path of [`${folder}/target`, savepoint, checkpoint]) await Deno.mkdir(path, { recursive: true });
    await Deno.writeTextFile(`${folder}/target/slipstream-flink.jar`, "");
    for (const [path, time] of [[savepoint, 1000], [checkpoint, 2000]] as const) {
      await Deno.writeTextFile(`${path}/_metadata`, "");
      await Deno.utime(`${path}/_metadata`, time, time);
    }
    const env = [`FLINK_TARGET=${folder}/target`, `FLINK_STATE=${folder}`];
    const { code, stderr } = await new Command("env", [
      ...env,
      `${FLINK}run.sh`,
      "--from-savepoint",
      `file:${savepoint}`,
    ]).output();
    assertEquals(code, 2);
    assertStringIncludes(stderr, `Cannot start from file:${savepoint}: ${checkpoint}/_metadata came later`);
    await Deno.remove(folder, { recursive: true });
  });
});
