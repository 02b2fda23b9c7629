import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { answer, askHere, type Question, statementOf } from "../../aggregator/sinks/history.ts";
import { AGE_COLUMNS, type AgingTable } from "../../aggregator/sinks/schema.ts";
import { SqliteSink } from "../../aggregator/sinks/sqlite.ts";

const KINDS = ["tumbling", "sliding"] as const;
const MAYBE = [undefined, "some"] as const;
const TIMES = [{}, { fromUs: 1 }, { toUs: 9 }, { fromUs: 1, toUs: 9 }] as const;

/** Everything that the API can ask. */
const QUESTIONS: Exclude<Question, { what: "page" }>[] = [
  ...KINDS.flatMap((kind) =>
    MAYBE.flatMap((fleet) =>
      MAYBE.flatMap((zone) =>
        TIMES.map((times) => ({ what: "windows" as const, kind, fleet, zone, ...times, limit: 1000 }))
      )
    )
  ),
  { what: "alerts", limit: 1000 },
  { what: "deliveries", limit: 1000 },
  { what: "deliveries", alertId: 7, limit: 1000 },
  { what: "losses", limit: 1000 },
  { what: "quarantined", limit: 1000 },
  { what: "drone", droneId: "d" },
];

let sink: SqliteSink;

function plan(question: Exclude<Question, { what: "page" }>): string[] {
  const { sql, values } = statementOf(question);
  return sink.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values).map(({ detail }) => String(detail));
}

function alerts(count: number, body: string): void {
  for (let i = 0; i < count; i++) sink.take("alerts", ["j", i, "conflict", "raise", i, i, body, i]);
  sink.drain();
}

describe("the history", () => {
  beforeEach(() => {
    sink = new SqliteSink({ path: ":memory:", queueRowsMax: 100_000 });
  });
  afterEach(() => sink.close());

  it("reads as many rows as it answers, in the order of an index, whatever is asked of a million", () => {
    for (const question of QUESTIONS) {
      const steps = plan(question);
      assertEquals(steps.length, 1, `${JSON.stringify(question)}: ${steps.join("; ")}`);
      const equal = [...statementOf(question).sql.matchAll(/(\w+) = \?/g)].map(([, column]) => column!);
      assertMatch(steps[0]!, equal.length > 0 ? /^SEARCH \w+ USING INDEX/ : /^SCAN \w+ USING INDEX/);
      for (const column of equal) assertStringIncludes(steps[0]!, `${column}=?`);
    }
  });

  it("counts rows in an index, and expires by one", () => {
    for (const table of Object.keys(AGE_COLUMNS) as AgingTable[]) {
      assertMatch(plan({ what: "age", table, newerRows: 5 }).join("; "), /^SCAN \w+ USING COVERING INDEX \w+$/);
    }
  });

  it("refuses an answer that is too large, and says what to ask for", () => {
    alerts(20, JSON.stringify("x".repeat(1 << 20)));
    const answered = answer(sink.db, { what: "alerts", limit: 1000 });
    assertEquals("status" in answered && answered.status, 400);
    assertStringIncludes("error" in answered ? answered.error : "", "ask for fewer by limit");
    assertEquals("json" in answer(sink.db, { what: "alerts", limit: 7 }), true);
  });

  it("of a database in memory answers with few rows, since it is read between everything else", async () => {
    alerts(300, "{}");
    const answered = await askHere(sink.db)({ what: "alerts", limit: 1000 });
    assertEquals("json" in answered && JSON.parse(new TextDecoder().decode(answered.json)).length, 100);
  });

  it("says why it cannot be read, and throws nothing", async () => {
    sink.db.exec("DROP TABLE alerts");
    assertEquals(await askHere(sink.db)({ what: "alerts", limit: 5 }), {
      status: 503,
      error: "Cannot look it up: no such table: alerts",
    });
  });
});
