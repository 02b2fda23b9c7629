import { assert, assertEquals, assertGreater, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DatabaseSync } from "node:sqlite";
import type { AuditView } from "../../aggregator/sinks/history.ts";
import { ChaosSystem } from "../chaos/system.ts";
import { runToEnd } from "./process.ts";

const CHANGES = 60;
/** So many are answered before it is killed, with one more in its hands. */
const KILLED_AFTER = 25;

describe("the audit of a real aggregator", () => {
  it("is one unbroken chain over a kill -9, tells each change once, and each restart with other settings", async () => {
    const aggregatorEnv: Record<string, string> = { SLIPSTREAM_RETENTION_ROWS: "1000" };
    await using system = await ChaosSystem.start({ aggregatorEnv, checkpointS: 1 });
    const change = async (linkLossUs: number): Promise<void> => {
      const body = JSON.stringify({ by: "Ada", set: { linkLossUs } });
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${system.aggregatorUrl}/v1/settings`, { method: "PATCH", headers, body });
      assertEquals([response.status, (await response.json()).changes.length], [200, 1]);
    };
    for (let i = 1; i <= KILLED_AFTER; i++) await change(4_000_000 + i);
    const cut = change(4_000_000).then(() => true, () => false);
    await system.killAggregator();
    const wasAnswered = await cut;
    aggregatorEnv.SLIPSTREAM_RETENTION_ROWS = "2000";
    await system.startAggregator();
    for (let i = KILLED_AFTER + 1; i <= CHANGES; i++) await change(4_000_000 + i);
    const live = await verify(system);
    assertEquals(live.code, 0, live.stdout + live.stderr);

    const response = await fetch(`${system.aggregatorUrl}/v1/audit?limit=1000`);
    const records: AuditView[] = (await response.json()).records.toReversed();
    assertEquals(records.map(({ seq }) => seq), records.map((_, i) => i + 1));
    const told = records.filter(({ who }) => who === "Ada").map(({ after }) => Number(after));
    const all = Array.from({ length: CHANGES }, (_, i) => 4_000_001 + i);
    // What was in its hands when it was killed may be recorded: it must be if it was answered.
    const isRecorded = told.includes(4_000_000);
    assert(isRecorded || !wasAnswered);
    assertEquals(told, isRecorded ? all.toSpliced(KILLED_AFTER, 0, 4_000_000) : all);
    const restarts = records.filter(({ who }) => who === "restart");
    assertEquals(restarts.map(({ what, subject, before }) => [what, subject, before]), [
      ["start", "aggregator", ""],
      // Any free one at first, and then that one.
      ["change setting", "SLIPSTREAM_AGGREGATOR_PORT", "0"],
      ["change setting", "SLIPSTREAM_RETENTION_ROWS", "1000"],
    ]);
    assertStringIncludes(restarts[0]!.after, "SLIPSTREAM_CHECKPOINT_S=1 ");
    assertEquals(restarts[2]!.after, "2000");

    await system.stopAggregator();
    const stopped = await verify(system);
    assertEquals(stopped.code, 0, stopped.stdout + stopped.stderr);
    assertMatch(stopped.stdout, new RegExp(`^journal-\\d+: ${records.length} records, ${records.at(-1)!.hash}\n$`));
    // Somebody takes away the last record: only the journal tells.
    tamper(system, "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)");
    assertEquals((await verify(system, { withJournal: false })).code, 0);
    const shortened = await verify(system);
    assertEquals(shortened.code, 1);
    assertMatch(
      shortened.stdout,
      new RegExp(`^record ${records.length} of journal-\\d+ was removed, with all behind it\n$`),
    );
    tamper(system, "UPDATE audit SET body = replace(body, 'Ada', 'Eve') WHERE seq = 7");
    const altered = await verify(system, { withJournal: false });
    assertEquals(altered.code, 1);
    assertMatch(altered.stdout, /^record 7 of journal-\d+ was altered, or what was before it\n$/);
  });

  it("cannot be told without a table of it", async () => {
    const none = await runToEnd(["task", "--quiet", "audit", "verify", "--sqlite", "/nowhere/to.sqlite"]);
    assertEquals([none.code, none.stdout], [2, ""]);
    assertGreater(none.stderr.length, 0);
    const silent = await runToEnd(["task", "--quiet", "audit"]);
    assertEquals([silent.code, silent.stderr], [
      2,
      "Cannot run deno task audit: say what is to be done: verify (see --help)\n",
    ]);
  });
});

function verify({ sqlitePath, journalPath }: ChaosSystem, { withJournal = true } = {}) {
  const journal = withJournal ? ["--journal", journalPath] : [];
  return runToEnd(["task", "--quiet", "audit", "verify", "--sqlite", sqlitePath, ...journal]);
}

function tamper({ sqlitePath }: ChaosSystem, sql: string): void {
  using db = new DatabaseSync(sqlitePath);
  db.exec(sql);
}
