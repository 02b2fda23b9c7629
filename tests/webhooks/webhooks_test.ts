import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { noCounts, type Report } from "../../aggregator/webhooks/progress.ts";
import type { Telling, Thread, Told } from "../../aggregator/webhooks/thread.ts";
import { Webhooks } from "../../aggregator/webhooks/webhooks.ts";
import { SETTINGS } from "./courier_rig.ts";

const REPORT: Report = {
  name: "ops",
  progress: { seenId: 7, openIds: [6] },
  counts: { ...noCounts(), delivered: 2 },
  dead: [],
  waiting: 1,
  oldestUs: 5,
  trouble: "status 500",
};

function rig(file = { consoleUrl: "", webhooks: [SETTINGS] }) {
  const threads: { heard: Telling[]; thread: Thread; isEnded: boolean }[] = [];
  const [kept, logs, timers]: [unknown[], string[], (() => void)[]] = [[], [], []];
  const webhooks = new Webhooks({
    path: "results.sqlite",
    file,
    after: (_, fn) => {
      timers.push(fn);
      return () => timers.splice(timers.indexOf(fn), 1);
    },
    log: (_, message) => logs.push(message),
    keepProgress: (name, progress) => kept.push([name, progress]),
    keepDeadLetter: (name, letter) => kept.push([name, letter.key]),
    start: () => {
      const started = { heard: [] as Telling[], isEnded: false };
      const thread: Thread = {
        postMessage: (telling: Telling) => void started.heard.push(telling),
        terminate: () => threads.at(-1)!.isEnded = true,
        onmessage: null,
        onerror: null,
      };
      threads.push(Object.assign(started, { thread }));
      return thread;
    },
  });
  const told = (data: Told) => threads.at(-1)!.thread.onmessage!.call({} as Worker, { data } as MessageEvent<Told>);
  const fail = () => threads.at(-1)!.thread.onerror!.call({} as Worker, new ErrorEvent("error", { message: "broken" }));
  return { webhooks, threads, kept, logs, timers, told, fail };
}

describe("Webhooks", () => {
  it("start no thread where nobody is told", () => {
    const { webhooks, threads } = rig({ consoleUrl: "", webhooks: [] });
    webhooks.begin();
    assertEquals([threads.length, webhooks.view], [0, []]);
  });

  it("keep how far each was told when that has changed, and count what became of it", () => {
    const { webhooks, kept, told } = rig();
    webhooks.begin();
    told({ of: "reports", reports: [REPORT] });
    told({ of: "reports", reports: [{ ...REPORT, waiting: 0 }] });
    assertEquals(kept, [["ops", REPORT.progress]]);
    const [{ counts, waiting, origin } = webhooks.view[0]!] = webhooks.view;
    assertEquals([counts.delivered, waiting, origin], [4, 0, "http://127.0.0.1:9"]);
  });

  it("keep what is given up, and say so once for all of it", () => {
    const { webhooks, kept, told, logs } = rig();
    webhooks.begin();
    const letter = { reason: "refused" as const, firstId: 3, changes: 1, key: "j_1_1", why: "status 404" };
    const gone = { ...letter, reason: "gone" as const, firstId: 4, changes: 5, key: "" };
    told({ of: "reports", reports: [{ ...REPORT, dead: [letter, gone] }] });
    assertEquals(kept.slice(0, 2), [["ops", "j_1_1"], ["ops", ""]]);
    assertEquals(logs, ["Cannot tell webhook ops: status 404; 6 change(s) of alerts are given up"]);
  });

  it("replace a thread that fails, and hear no more of it", () => {
    const { webhooks, threads, kept, logs, timers, told, fail } = rig();
    webhooks.begin();
    fail();
    assertMatch(logs.join(), /broken; their thread is replaced/);
    told({ of: "reports", reports: [REPORT] });
    assertEquals(kept, []);
    timers.at(-1)!();
    assertEquals(threads.map(({ heard }) => heard.map(({ what }) => what)), [["begin"], ["begin"]]);
  });

  it("tell whom the settings name by now, and keep what those say at last that they name no more", () => {
    const { webhooks, threads, kept, told, timers, fail } = rig();
    webhooks.begin();
    told({ of: "reports", reports: [REPORT] });
    const [other, moved] = [{ ...SETTINGS, name: "other" }, { ...SETTINGS, url: "https://ops.example.com/hook" }];
    webhooks.use({ consoleUrl: "", webhooks: [other, moved] });
    assertEquals(threads[0]!.heard.map(({ what }) => what), ["begin", "use"]);
    const shown = () => webhooks.view.map(({ name, origin, counts }) => [name, origin, counts.delivered]);
    assertEquals(shown(), [["other", "http://127.0.0.1:9", 0], ["ops", "https://ops.example.com", 2]]);
    webhooks.use({ consoleUrl: "", webhooks: [other] });
    told({ of: "reports", reports: [{ ...REPORT, progress: { seenId: 9, openIds: [] } }] });
    assertEquals(kept.at(-1), ["ops", { seenId: 9, openIds: [] }]);
    fail();
    timers.at(-1)!();
    assertEquals(threads[1]!.heard, [{
      what: "begin",
      path: "results.sqlite",
      file: { consoleUrl: "", webhooks: [other] },
    }]);
  });

  it("begin once somebody is to be told, and only once", () => {
    const { webhooks, threads, fail, timers } = rig({ consoleUrl: "", webhooks: [] });
    webhooks.begin();
    webhooks.use({ consoleUrl: "", webhooks: [SETTINGS] });
    fail();
    webhooks.use({ consoleUrl: "", webhooks: [SETTINGS] });
    assertEquals([threads.length, timers.length], [2, 0]);
  });

  it("hear how far each was told until the very end, and wait no longer than a second for that", async () => {
    const { webhooks, threads, kept, timers, told } = rig();
    webhooks.begin();
    const closed = webhooks.close();
    told({ of: "close", reports: [REPORT] });
    await closed;
    assertEquals([kept.length, threads[0]!.isEnded], [1, true]);
    const hanging = rig();
    hanging.webhooks.begin();
    const ended = hanging.webhooks.close();
    hanging.timers.at(-1)!();
    await ended;
    assertEquals([timers.length, hanging.threads[0]!.isEnded], [0, true]);
  });
});
