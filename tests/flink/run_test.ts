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
  /** With Java that only says how it was called, a savepoint, and a checkpoint that came later. */
  async function run({ args = [] as string[], hasCheckpoint = true } = {}) {
    const folder = await Deno.makeTempDir();
    const [savepoint, checkpoint] = [`${folder}/savepoints/one`, `${folder}/checkpoints/job/chk-3`];
    for (const path of [`${folder}/target`, `${folder}/bin`, savepoint, checkpoint]) {
      await Deno.mkdir(path, { recursive: true });
    }
    await Deno.writeTextFile(`${folder}/target/slipstream-flink.jar`, "");
    await Deno.writeTextFile(
      `${folder}/bin/java`,
      '#!/bin/sh\ncase "$*" in *TaskManagerRunner*) exec sleep 60;; esac\necho "$@"\n',
    );
    await Deno.chmod(`${folder}/bin/java`, 0o755);
    for (const [path, time] of hasCheckpoint ? [[savepoint, 1000], [checkpoint, 2000]] as const : []) {
      await Deno.writeTextFile(`${path}/_metadata`, "");
      await Deno.utime(`${path}/_metadata`, time, time);
    }
    const env = [
      `FLINK_TARGET=${folder}/target`,
      `FLINK_STATE=${folder}`,
      `PATH=${folder}/bin:${Deno.env.get("PATH")}`,
    ];
    const given = args.map((arg) => arg.replace("SAVEPOINT", savepoint));
    const { code, stderr } = await new Command("env", [...env, `${FLINK}run.sh`, ...given]).output();
    const called = await Deno.readTextFile(`${folder}/jobmanager.log`).catch(() => "");
    await Deno.remove(folder, { recursive: true });
    return { code, stderr, called, savepoint, checkpoint };
  }

  it("starts from no savepoint that its job has left behind: rows would come twice", async () => {
    const { code, stderr, called, savepoint, checkpoint } = await run({ args: ["--from-savepoint", "file:SAVEPOINT"] });
    assertEquals([code, called], [2, ""]);
    assertStringIncludes(stderr, `Cannot start from file:${savepoint}: ${checkpoint}/_metadata came later`);
  });

  it("goes on from the last checkpoint, as an argument of Flink's and not of the script's", async () => {
    const { code, called, checkpoint } = await run();
    assertEquals(code, 0);
    assertStringIncludes(called, ` --fromSavepoint file://${checkpoint} --job-classname `);
    assertStringIncludes((await run({ hasCheckpoint: false })).called, " --job-classname ");
    assertEquals((await run({ hasCheckpoint: false })).called.includes("--fromSavepoint"), false);
    const { called: from, savepoint } = await run({
      args: ["--from-savepoint", "s3://SAVEPOINT"],
      hasCheckpoint: false,
    });
    assertStringIncludes(from, ` --fromSavepoint s3://${savepoint} --job-classname `);
  });
});
