import { DatabaseSync } from "node:sqlite";
import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import type { Answer, Question } from "../../aggregator/sinks/history.ts";
import { HistoryThread, type Telling, type Thread, type Told } from "../../aggregator/sinks/history_thread.ts";
import { SqliteSink } from "../../aggregator/sinks/sqlite.ts";

const ALERTS: Question = { what: "alerts", limit: 10 };

/** A table of alerts for which SQLite counts to half a million before it has the first row. */
const SLOW_ALERTS = `ALTER TABLE alerts RENAME TO alerts_before;
  CREATE VIEW alerts AS WITH RECURSIVE counted (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM counted WHERE i < 500000)
  SELECT '{}' AS body, max(i) AS changed_us, 0 AS alert_id FROM counted`;

/** Timers that a test fires. */
class Timers {
  #pending: { ms: number; fn: () => void }[] = [];

  after = (ms: number, fn: () => void) => {
    const timer = { ms, fn };
    this.#pending.push(timer);
    return () => void (this.#pending = this.#pending.filter((other) => other !== timer));
  };

  get pending(): number[] {
    return this.#pending.map(({ ms }) => ms);
  }

  /** Fires one of so many ms. */
  fire(ms: number, which: "oldest" | "newest" = "oldest"): void {
    const isIt = (timer: { ms: number }) => timer.ms === ms;
    const timer = which === "oldest" ? this.#pending.find(isIt) : this.#pending.findLast(isIt);
    if (!timer) throw new Error(`Cannot fire ${ms} ms: ${this.pending.join(", ")} are pending`);
    this.#pending = this.#pending.filter((other) => other !== timer);
    timer.fn();
  }
}

/** A thread whose answers a test gives. */
class ScriptedThread implements Thread {
  onmessage: Thread["onmessage"] = null;
  onerror: Thread["onerror"] = null;
  onmessageerror: Thread["onmessageerror"] = null;
  readonly told: (string | Telling)[] = [];
  terminated = 0;

  postMessage(message: unknown): void {
    this.told.push(message as string | Telling);
  }

  terminate(): void {
    this.terminated++;
  }

  says(told: Told): void {
    this.onmessage?.call(this as unknown as Worker, new MessageEvent("message", { data: told }));
  }

  answers(json: string): void {
    this.says({ of: "question", answer: { json: new TextEncoder().encode(json) } });
  }

  /** @returns whether the error stayed here */
  fails(message: string): boolean {
    const event = new ErrorEvent("error", { message, cancelable: true });
    this.onerror?.call(this as unknown as Worker, event);
    return event.defaultPrevented;
  }
}

function text(answer: Answer): string {
  return "json" in answer ? new TextDecoder().decode(answer.json) : `${answer.status} ${answer.error}`;
}

let timers: Timers;
let threads: ScriptedThread[];
let logs: string[];
let history: HistoryThread;

describe("the history's thread", () => {
  beforeEach(() => {
    timers = new Timers();
    threads = [];
    logs = [];
    const start = () => {
      threads.push(new ScriptedThread());
      return threads.at(-1)!;
    };
    history = new HistoryThread({ path: "p", after: timers.after, log: (_, message) => logs.push(message), start });
  });

  it("is started before the first question, and asked one at a time", async () => {
    assertEquals(threads[0]!.told, ["p"]);
    const both = [history.ask(ALERTS), history.ask({ what: "drone", droneId: "d" })];
    assertEquals(threads[0]!.told, ["p", ALERTS]);
    threads[0]!.answers("[1]");
    threads[0]!.answers("[2]");
    assertEquals((await Promise.all(both)).map(text), ["[1]", "[2]"]);
    assertEquals(threads[0]!.told, ["p", ALERTS, { what: "drone", droneId: "d" }]);
    assertEquals(timers.pending, [], "no limit outlives its question");
  });

  it("has so many questions wait and no more", async () => {
    const all = Array.from({ length: 34 }, () => history.ask(ALERTS));
    assertEquals(text(await all[33]!), "503 Cannot look it up: 32 others wait for it already");
    for (let i = 0; i < 33; i++) threads[0]!.answers(`[${i}]`);
    assertEquals((await Promise.all(all.slice(0, 33))).map(text), Array.from({ length: 33 }, (_, i) => `[${i}]`));
  });

  it("is replaced when it does not answer in time, and the next question goes to the new one", async () => {
    const [stuck, next] = [history.ask(ALERTS), history.ask(ALERTS)];
    timers.fire(5000);
    assertEquals(text(await stuck), "504 Cannot look it up within 5 s");
    assertEquals([threads[0]!.terminated, threads.length], [1, 1]);
    threads[0]!.answers("[too late]");
    timers.fire(1000);
    threads[0]!.answers("[much too late]");
    assertEquals(threads[1]!.told, ["p", ALERTS]);
    threads[1]!.answers("[1]");
    assertEquals(text(await next), "[1]");
    assertStringIncludes(logs.join(), "replaced");
  });

  it("tells a question that others kept waiting so, and leaves the thread alone", async () => {
    const [first, waiting] = [history.ask(ALERTS), history.ask({ what: "losses", limit: 1 })];
    timers.fire(5000, "newest");
    assertEquals(text(await waiting), "503 Cannot look it up within 5 s: others were first");
    threads[0]!.answers("[1]");
    assertEquals(text(await first), "[1]");
    assertEquals([threads[0]!.terminated, threads[0]!.told], [0, ["p", ALERTS]]);
  });

  it("fails without ending the process, is logged, and comes back after a second", async () => {
    const [asked, next] = [history.ask(ALERTS), history.ask(ALERTS)];
    assertEquals(threads[0]!.fails("unable to open database file"), true);
    assertEquals(text(await asked), "503 Cannot look it up: unable to open database file");
    assertStringIncludes(logs.join(), "unable to open database file");
    assertEquals(threads.length, 1, "not at once: it might fail again without end");
    timers.fire(1000);
    threads[1]!.answers("[1]");
    assertEquals(text(await next), "[1]");
  });

  it("does one checkpoint at a time, and says when it cannot", () => {
    history.checkpoint();
    history.checkpoint();
    assertEquals(threads[0]!.told, ["p", { what: "checkpoint" }]);
    threads[0]!.says({ of: "checkpoint", error: "database or disk is full" });
    assertEquals(logs, ["Cannot checkpoint the database: database or disk is full"]);
    history.checkpoint();
    assertEquals(threads[0]!.told.length, 3);
    threads[0]!.fails("it broke");
    timers.fire(1000);
    history.checkpoint();
    assertEquals(threads[1]!.told, ["p", { what: "checkpoint" }]);
  });

  it("answers everybody when it is closed, and nobody afterwards", async () => {
    const all = [history.ask(ALERTS), history.ask(ALERTS)];
    const closed = history.close();
    assertEquals(text(await all[1]!), "503 Cannot look it up: the aggregator is stopping");
    assertEquals(threads[0]!.told.at(-1), { what: "close" });
    threads[0]!.answers("[1]");
    threads[0]!.says({ of: "close" });
    await closed;
    assertEquals([text(await all[0]!), threads[0]!.terminated, timers.pending], ["[1]", 1, []]);
    assertStringIncludes(text(await history.ask(ALERTS)), "stopping");
  });

  it("does not keep the process when it will not close", async () => {
    const asked = history.ask(ALERTS);
    const closed = history.close();
    timers.fire(1000);
    await closed;
    assertStringIncludes(text(await asked), "stopping");
    assertEquals(threads[0]!.terminated, 1);
  });

  it("does not start again once it is closed", async () => {
    threads[0]!.fails("it broke");
    await history.close();
    assertEquals([timers.pending, threads.length], [[], 1]);
  });
});

describe("the history's thread, a real one", () => {
  const after = (ms: number, fn: () => void) => {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  };

  /** The last one to close a database clears up its log: nothing else is left when both have. */
  async function withSink(test: (sink: SqliteSink, path: string) => Promise<void>): Promise<void> {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/results.sqlite`;
    const sink = new SqliteSink({ path, queueRowsMax: 1000 });
    try {
      await test(sink, path);
    } finally {
      sink.close();
      const files = Array.from(Deno.readDirSync(folder), ({ name }) => name);
      await Deno.remove(folder, { recursive: true });
      assertEquals(files, ["results.sqlite"]);
    }
  }

  it("holds up nobody while it looks for an answer", async () => {
    await withSink(async (sink, path) => {
      sink.db.exec(SLOW_ALERTS);
      const real = new HistoryThread({ path, after: new Timers().after, log: () => {} });
      let turns = 0;
      const cancel = setInterval(() => turns++, 1);
      assertEquals(text(await real.ask(ALERTS)), "[{}]");
      clearInterval(cancel);
      assertGreater(turns, 10, "timers have fired meanwhile");
      await real.close();
    });
  });

  it("sees what was flushed, changes nothing, and lets go of the database", async () => {
    await withSink(async (sink, path) => {
      const real = new HistoryThread({ path, after, log: () => {} });
      assertEquals(text(await real.ask(ALERTS)), "[]");
      sink.take("alerts", ["j", 1, "conflict", "raise", 1, 1, '{"alertId":1}', 1]);
      sink.flush();
      assertEquals(text(await real.ask(ALERTS)), '[{"alertId":1}]');
      assertEquals(
        text(await real.ask({ what: "drone", droneId: 'a"b' })),
        '404 Cannot find drone "a\\"b": it was never seen',
      );
      await real.close();
    });
  });

  it("does the checkpoints that the sink leaves to it", async () => {
    await withSink(async (sink, path) => {
      const real = new HistoryThread({ path, after, log: () => {} });
      for (let i = 0; i < 1000; i++) {
        sink.take("alerts", ["j", i, "conflict", "raise", i, i, `"${"x".repeat(5000)}"`, i]);
      }
      sink.drain();
      const bytes = () => Deno.statSync(path).size;
      assertGreater(100_000, bytes(), "it is all in the log, 5 MiB of it");
      real.checkpoint();
      await real.ask(ALERTS);
      assertGreater(bytes(), 5_000_000);
      await real.close();
    });
  });

  it("is stopped in the middle of a question that does not end", async () => {
    const timers = new Timers();
    const stuck = () => new Worker(new URL("./stuck_worker.ts", import.meta.url), { type: "module" });
    const real = new HistoryThread({ path: "p", after: timers.after, log: () => {}, start: stuck });
    const asked = real.ask(ALERTS);
    timers.fire(5000);
    assertStringIncludes(text(await asked), "504");
    await real.close();
  });

  it("fails where there is no database, and the process goes on", async () => {
    const timers = new Timers();
    const real = new HistoryThread({ path: "/dev/null/no.sqlite", after: timers.after, log: () => {} });
    assertStringIncludes(text(await real.ask(ALERTS)), "503 Cannot look it up");
    await real.close();
  });

  it("reads on while another process writes", async () => {
    await withSink(async (_, path) => {
      using other = new DatabaseSync(path);
      other.exec("BEGIN EXCLUSIVE");
      const real = new HistoryThread({ path, after, log: () => {} });
      assertEquals(text(await real.ask(ALERTS)), "[]");
      other.exec("ROLLBACK");
      await real.close();
    });
  });
});
