import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { AGGREGATOR_SETTINGS, readAggregatorConfig } from "../../aggregator/config.ts";
import { recordStart } from "../../aggregator/core/started.ts";
import type { Kind } from "../../platform/kinds.ts";
import { AuditChain } from "../../aggregator/audit/chain.ts";
import { Environment } from "../../aggregator/audit/environment.ts";
import { type AuditRecord, bounded, type Deed } from "../../aggregator/audit/record.ts";
import { apply, type Arrival, decodeArrival, encodeArrival } from "../../aggregator/journal/entries.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { answer } from "../../aggregator/sinks/history.ts";
import { Retention } from "../../aggregator/sinks/retention.ts";
import { SqliteSink } from "../../aggregator/sinks/sqlite.ts";
import { compareAudit } from "../../aggregator/verify/journal.ts";
import { type AuditRow, type Fault, verifyTable } from "../../aggregator/verify/table.ts";

const T0 = 1_790_000_000_000_000;
const DEED: Deed = {
  who: "Ada",
  what: "change setting",
  subject: "airspace.warning.radiusM",
  before: "50",
  after: "60",
};
const SEEN: Deed = { who: 'Béa "\n\0', what: "acknowledge alert", subject: "7", before: "open", after: "acknowledged" };
const HOSTILE = ["", "\ud800", "\udc00x", "\0", '"\\\n\u2028', "é".repeat(5000), `${"x".repeat(4095)}😀`];

function recorded(deeds: Deed[]): AuditRecord[] {
  const chain = new AuditChain();
  return deeds.map((deed, i) => chain.record(deed, T0 + i));
}

/** A database that keeps these records. */
function keeping(records: AuditRecord[], { queueRowsMax = 1000 } = {}): SqliteSink {
  const sqlite = new SqliteSink({ path: ":memory:", queueRowsMax });
  for (const record of records) {
    sqlite.deliver([{ type: "audit", record }], { journalId: "j", index: record.seq, atUs: record.atUs });
  }
  sqlite.drain();
  return sqlite;
}

function rowsOf(sqlite: SqliteSink): AuditRow[] {
  const rows = sqlite.db.prepare("SELECT id, journal, seq, at_us, body, hash FROM audit ORDER BY journal, seq").all();
  return rows as unknown[] as AuditRow[];
}

/** What is found in the table by itself, and beside a journal that knows the last of these records. */
function faultIn(sqlite: SqliteSink, records: AuditRecord[]): Fault | null {
  const chains = verifyTable(rowsOf(sqlite));
  const fault = chains.map(({ fault }) => fault).find((fault) => fault !== null);
  return fault ?? compareAudit({ journal: "j", known: records.slice(-1) }, chains);
}

const deed: fc.Arbitrary<Deed> = fc.record({
  who: fc.string({ unit: "binary" }),
  what: fc.string(),
  subject: fc.constantFrom(...HOSTILE),
  before: fc.string({ unit: "binary" }),
  after: fc.constantFrom(...HOSTILE),
});
const records = fc.array(deed, { minLength: 2, maxLength: 12 }).map(recorded);

describe("an audit record", () => {
  it("has the hash that anybody computes who reads how: here Python's hashlib and json", () => {
    assertEquals(recorded([DEED, SEEN]).map(({ seq, atUs, hash }) => [seq, atUs, hash]), [
      [1, T0, "209a9a0761693a62d8e2ee20296dac1cb8696778222f87d9580282ef58f16b53"],
      [2, T0 + 1, "353e90016e1732eb9af1e2695bcdb40cd5148f0209e524018041b57b57dd769f"],
    ]);
  });

  it("is the same when its entry comes back from the journal, whatever text is in it", () => {
    for (const text of HOSTILE) {
      const hostile = { who: text, what: text, subject: text, before: text, after: text };
      const arrival: Arrival = { type: "audit", deed: bounded(hostile) };
      const read = decodeArrival({ index: 1, timeUs: T0, body: encodeArrival(arrival) }, () => ({ malformed: "" }));
      assertEquals(read, arrival);
      const [live, again] = [arrival, read].map((arrival) => {
        return apply(new Pipeline(PIPELINE_DEFAULTS), { arrival, timeUs: T0 }).outputs;
      });
      assertEquals(live, again);
      assertEquals(live, [{ type: "audit", record: recorded([hostile])[0]! }]);
    }
  });

  it("is in the answer of the history as it was hashed, the latest first, and before an id", () => {
    fc.assert(fc.property(records, (all) => {
      using sqlite = new Disposing(keeping(all));
      const ask = (beforeId?: number) => {
        const found = answer(sqlite.of.db, { what: "audit", limit: 3, beforeId });
        assert("json" in found);
        return JSON.parse(new TextDecoder().decode(found.json));
      };
      const views = all.map((record) => ({ ...record, id: record.seq, journal: "j" })).toReversed();
      assertEquals(ask(), views.slice(0, 3));
      assertEquals(ask(all.length), views.slice(1, 4));
    }));
  });

  it("is kept however long the queue is, however old it is, and once", () => {
    const all = recorded([DEED, SEEN, DEED]);
    using sqlite = new Disposing(keeping([...all, ...all], { queueRowsMax: 0 }));
    const { db } = sqlite.of;
    const ask = () => Promise.resolve(answer(db, { what: "alerts", limit: 1 }));
    const retention = new Retention({ retentionUs: 1, keptUs: 1, retentionRowsMax: 1 }, { db, ask });
    for (let i = 0; i < 20; i++) retention.expireSome(Number.MAX_SAFE_INTEGER);
    assertEquals(rowsOf(sqlite.of).map(({ seq }) => seq), [1, 2, 3]);
    assertEquals(faultIn(sqlite.of, all), null);
  });
});

class Disposing implements Disposable {
  readonly of: SqliteSink;

  constructor(of: SqliteSink) {
    this.of = of;
  }

  [Symbol.dispose](): void {
    this.of.close();
  }
}

describe("verify", () => {
  it("finds nothing in a table as it was written", () => {
    fc.assert(fc.property(records, (all) => {
      using sqlite = new Disposing(keeping(all));
      assertEquals(faultIn(sqlite.of, all), null);
    }));
  });

  it("names the record that was altered, in whatever column and wherever", () => {
    const columns = ["seq", "at_us", "body", "hash"] as const;
    fc.assert(
      fc.property(records, fc.nat(), fc.constantFrom(...columns), fc.nat(), (all, pick, column, where) => {
        using sqlite = new Disposing(keeping(all));
        const seq = 1 + pick % all.length;
        const before = String(rowsOf(sqlite.of)[seq - 1]![column]);
        const at = where % before.length;
        const after = before.slice(0, at) + (before[at] === "1" ? "2" : "1") + before.slice(at + 1);
        const value = column === "seq" || column === "at_us" ? Number(after) : after;
        if (column === "seq" && rowsOf(sqlite.of).some((row) => row.seq === value)) return;
        sqlite.of.db.prepare(`UPDATE audit SET ${column} = ? WHERE seq = ?`).run(value, seq);
        assertEquals(faultIn(sqlite.of, all)?.seq, seq, `${column}: ${before} → ${after}`);
      }),
      { numRuns: 500 },
    );
  });

  it("names the record that was removed, the last one by the journal", () => {
    fc.assert(fc.property(records, fc.nat(), (all, pick) => {
      using sqlite = new Disposing(keeping(all));
      const seq = 1 + pick % all.length;
      sqlite.of.db.prepare("DELETE FROM audit WHERE seq = ?").run(seq);
      const fault = faultIn(sqlite.of, all);
      assertEquals([fault?.seq, fault?.what.startsWith("was removed")], [seq, true]);
    }));
  });

  const swaps: [what: string, columns: string[], near: number][] = [
    ["what they say", ["body"], 0],
    ["what they say, with their hashes", ["body", "hash", "at_us"], 0],
    ["their numbers", ["seq"], 0],
    // The one behind them was written before them.
    ["when they were written", ["id"], 1],
  ];
  for (const [what, columns, near] of swaps) {
    it(`names the first of two records that have exchanged ${what}`, () => {
      fc.assert(fc.property(records, fc.nat(), fc.nat(), (all, one, other) => {
        const [a, b] = [1 + one % all.length, 1 + other % all.length].toSorted((x, y) => x - y) as [number, number];
        if (a === b) return;
        using sqlite = new Disposing(keeping(all));
        const { db } = sqlite.of;
        const [rowA, rowB] = [a, b].map((seq) => rowsOf(sqlite.of)[seq - 1]!);
        for (const column of columns) {
          const set = (id: number, value: unknown) => {
            db.prepare(`UPDATE audit SET ${column} = ? WHERE id = ?`).run(value as string, id);
          };
          // Numbers are unique at every moment.
          if (column === "id" || column === "seq") set(a, -1);
          set(b, rowA![column as keyof AuditRow]);
          set(column === "id" ? -1 : a, rowB![column as keyof AuditRow]);
        }
        if (all[a - 1]!.hash === all[b - 1]!.hash) return;
        const fault = faultIn(sqlite.of, all);
        assertEquals(fault?.seq, a + near, JSON.stringify([a, b]));
      }));
    });
  }

  it("names where a chain was forged to its end, when the journal knows the records", () => {
    fc.assert(fc.property(records, fc.nat(), (all, pick) => {
      const at = pick % all.length;
      const forged = recorded(
        all.map((record, i) => i === at ? { ...record, after: `${record.after}!`.slice(-9) } : record),
      );
      if (forged[at]!.hash === all[at]!.hash) return;
      using sqlite = new Disposing(keeping(forged));
      const chains = verifyTable(rowsOf(sqlite.of));
      assertEquals(chains[0]?.fault, null);
      const what = "is another one than the journal has";
      assertEquals(compareAudit({ journal: "j", known: all }, chains), { journal: "j", seq: at + 1, what });
      assertEquals(compareAudit({ journal: "j", known: all.slice(-1) }, chains), {
        journal: "j",
        seq: all.length,
        what,
      });
    }));
  });

  it("names a record that was added behind the last one, and one that went to another journal", () => {
    const all = recorded([DEED, SEEN, DEED]);
    using added = new Disposing(keeping(all));
    assertEquals(faultIn(added.of, all.slice(0, 2)), { journal: "j", seq: 3, what: "is in no journal" });
    using moved = new Disposing(keeping(all));
    moved.of.db.exec("UPDATE audit SET journal = 'k' WHERE seq = 2");
    const faults = verifyTable(rowsOf(moved.of)).map(({ fault }) =>
      `${fault?.seq} of ${fault?.journal} ${fault?.what}`
    );
    assertEquals(faults, ["2 of j was removed", "1 of k was removed"]);
  });

  it("names a record whose number is none", () => {
    for (const seq of [0, -1, 0.5]) {
      const all = recorded([DEED, SEEN]);
      using sqlite = new Disposing(keeping(all));
      sqlite.of.db.prepare("UPDATE audit SET seq = ? WHERE seq = 1").run(seq);
      assertEquals(faultIn(sqlite.of, all)?.seq, 1, `${seq}`);
    }
  });

  it("is not misled by what is no record at all", () => {
    for (const body of ["", "null", "[]", "7", "{", '{"seq":1}', " "]) {
      const all = recorded([DEED]);
      using sqlite = new Disposing(keeping(all));
      sqlite.of.db.prepare("UPDATE audit SET body = ?").run(body);
      assertEquals(faultIn(sqlite.of, all), { journal: "j", seq: 1, what: "was altered, or what was before it" }, body);
    }
  });
});

describe("a restart", () => {
  const values = (checkpoint: string): [string, string][] => [["SLIPSTREAM_A", "1"], ["SLIPSTREAM_B", checkpoint]];

  it("is recorded with all settings the first time, and then with each that is another", () => {
    const environment = new Environment();
    const start = { who: "restart", what: "start", subject: "aggregator", before: "" };
    assertEquals(environment.started(values("30")), [{ ...start, after: "SLIPSTREAM_A=1 SLIPSTREAM_B=30" }]);
    assertEquals(environment.started(values("30")), []);
    const change = { who: "restart", what: "change setting" };
    assertEquals(environment.started([["SLIPSTREAM_B", "60"], ["SLIPSTREAM_C", "x"]]), [
      { ...change, subject: "SLIPSTREAM_A", before: "1", after: "" },
      { ...change, subject: "SLIPSTREAM_B", before: "30", after: "60" },
      { ...change, subject: "SLIPSTREAM_C", before: "", after: "x" },
    ]);
  });

  it("is journalled when its settings are others than the last time, and only then", async () => {
    const pipeline = new Pipeline(PIPELINE_DEFAULTS);
    let journalled = 0;
    const started = (values: [string, string][]) => {
      journalled++;
      apply(pipeline, { arrival: { type: "start", values }, timeUs: T0 });
      return Promise.resolve("safe" as const);
    };
    for (const checkpoint of ["30", "30", "60", "60"]) {
      await recordStart({ pipeline, sequencer: { started }, environment: values(checkpoint) });
    }
    assertEquals([journalled, pipeline.operated.auditHead.seq], [2, 2]);
  });

  it("tells no secret", () => {
    const { environment } = readAggregatorConfig({ SLIPSTREAM_HOSTS: "ops.example.com,b" });
    assertEquals(environment.find(([name]) => name === "SLIPSTREAM_HOSTS"), ["SLIPSTREAM_HOSTS", "ops.example.com,b"]);
    const all = Object.entries<Kind<unknown>>(AGGREGATOR_SETTINGS);
    assertEquals(environment.map(([name]) => name), all.filter(([, kind]) => !kind.isSecret).map(([name]) => name));
    assertNotEquals(environment.length, 0);
  });
});
