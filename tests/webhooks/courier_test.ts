import { assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Answer } from "../../aggregator/webhooks/post.ts";
import { CourierRig, DELIVERED, FAILED, REFUSED } from "./courier_rig.ts";

const S = 1000;

/** Answers wait until they are given. */
function held(rig: CourierRig) {
  const waiting = new Map<string, (answer: Answer) => void>();
  rig.answer = (key) => new Promise((resolve) => waiting.set(key, resolve));
  return async (key: string, answer = DELIVERED) => {
    waiting.get(key)!(answer);
    await rig.turn();
  };
}

describe("Courier", () => {
  it("tells every change once, those of one alert in their order", async () => {
    using rig = new CourierRig();
    const give = held(rig);
    rig.happened({ alertId: 1 }, { alertId: 1, revision: 2 }, { alertId: 2 });
    await rig.turn();
    assertEquals(rig.asked, ["1_1", "2_1"]);
    await give("2_1");
    assertEquals(rig.asked, ["1_1", "2_1"]);
    await give("1_1");
    assertEquals(rig.asked, ["1_1", "2_1", "1_2"]);
    await give("1_2");
    await rig.pass(10 * S);
    assertEquals(rig.asked.length, 3);
    assertEquals(rig.courier.report().counts.delivered, 3);
  });

  it("has as many requests at a time as it may", async () => {
    using rig = new CourierRig({ concurrency: 2 });
    const give = held(rig);
    rig.happened({ alertId: 1 }, { alertId: 2 }, { alertId: 3 });
    await rig.turn();
    assertEquals(rig.asked, ["1_1", "2_1"]);
    await give("2_1");
    assertEquals(rig.asked, ["1_1", "2_1", "3_1"]);
  });

  it("asks a receiver that is away less and less often, by one request at a time, and tells it all once it is back", async () => {
    using rig = new CourierRig({ pauseMsMax: 8 * S });
    rig.answer = () => FAILED;
    rig.happened(...Array.from({ length: 20 }, (_, i) => ({ alertId: i + 1 })));
    assertEquals((await rig.pass(0)).length, 4);
    const attempts = [await rig.pass(8 * S), await rig.pass(16 * S), await rig.pass(80 * S)].map((asked) =>
      asked.length
    );
    assertEquals(attempts, [4, 2, 10]);
    rig.answer = () => DELIVERED;
    const told = await rig.pass(9 * S);
    assertEquals(new Set(told).size, 20);
    assertEquals(told.length, 20);
    assertEquals(rig.logs, ["Cannot tell webhook ops: status 500; it is tried again", "Webhook ops answers again"]);
  });

  it("waits for as long as the receiver says", async () => {
    using rig = new CourierRig();
    rig.answer = () => ({ ...FAILED, retryAfterMs: 120 * S });
    rig.happened({ alertId: 1 });
    assertEquals((await rig.pass(119 * S)).length, 1);
    assertEquals((await rig.pass(2 * S)).length, 1);
  });

  it("lets others pass a change that fails for itself", async () => {
    using rig = new CourierRig({ pauseMsMax: 8 * S });
    rig.answer = (key) => key === "1_1" ? FAILED : DELIVERED;
    rig.happened({ alertId: 1 });
    for (let alertId = 2; alertId < 50; alertId++) {
      rig.happened({ alertId });
      await rig.pass(1 * S);
    }
    assertEquals(new Set(rig.asked).size, 49);
    assertLess(rig.asked.filter((key) => key === "1_1").length, 12);
  });

  it("tells what comes after one that has failed for itself alone, again and again", async () => {
    using rig = new CourierRig({ pauseMsMax: 8 * S });
    rig.answer = (key) => ["1_1", "2_1"].includes(key) ? FAILED : DELIVERED;
    rig.happened({ alertId: 1 }, { alertId: 2 });
    await rig.pass(60 * S);
    rig.happened({ alertId: 3 });
    await rig.pass(17 * S);
    assertEquals(rig.asked.includes("3_1"), true);
  });

  it("gives up what is refused a few times, and what is too old when it fails", async () => {
    using rig = new CourierRig({ giveUpMs: 60 * S, pauseMsMax: 4 * S });
    rig.answer = (key) => key === "1_1" ? REFUSED : FAILED;
    rig.happened({ alertId: 1 }, { alertId: 2 });
    await rig.pass(50 * S);
    const { dead: [refused], counts } = rig.courier.report();
    assertEquals([refused?.reason, refused?.key, refused?.why], ["refused", "journal-1_1_1", "status 404"]);
    assertEquals([counts.refused, counts.dead.expired], [3, 0]);
    await rig.pass(20 * S);
    const { dead: [expired], waiting } = rig.courier.report();
    assertEquals([expired?.reason, expired?.key, waiting], ["expired", "journal-1_2_1", 0]);
    assertEquals((await rig.pass(60 * S)).length, 0);
  });

  it("goes on after a restart with what was not told, and what has come since, by the same keys", async () => {
    using rig = new CourierRig();
    rig.answer = (key) => key === "2_1" ? FAILED : DELIVERED;
    rig.happened({ alertId: 1 }, { alertId: 2 }, { alertId: 3 });
    await rig.pass(1 * S);
    rig.happened({ alertId: 4 });
    rig.answer = () => DELIVERED;
    const before = rig.asked.length;
    rig.restart();
    await rig.pass(1 * S);
    assertEquals(rig.asked.slice(before), ["2_1", "4_1"]);
  });

  it("is new where nothing is known of it: told of what comes, and of nothing before", async () => {
    using rig = new CourierRig({}, null);
    rig.happened({ alertId: 1 });
    rig.restart(null);
    rig.happened({ alertId: 2 });
    assertEquals(await rig.pass(1 * S), ["2_1"]);
  });

  it("counts what the database has no more, but for what was erased", async () => {
    using rig = new CourierRig();
    rig.happened(...Array.from({ length: 10 }, (_, i) => ({ alertId: i + 1 })));
    rig.sink.db.exec("DELETE FROM alert_changes WHERE id <= 4 OR id = 8");
    assertEquals((await rig.pass(1 * S)).length, 5);
    const { dead, counts } = rig.courier.report();
    assertEquals(dead.map(({ reason, firstId, changes }) => [reason, firstId, changes]), [["gone", 1, 4]]);
    assertEquals(counts.dead.gone, 4);
  });

  it("tells of a change as the database has it by then: what was erased is told no more", async () => {
    using rig = new CourierRig();
    rig.answer = () => FAILED;
    rig.happened({ alertId: 1 });
    await rig.turn();
    rig.sink.db.exec("DELETE FROM alert_changes");
    await rig.pass(10 * S);
    assertEquals(rig.asked, ["1_1"]);
    assertEquals(rig.courier.report().dead.map(({ reason }) => reason), ["gone"]);
  });

  it("tells each receiver what it wants to hear", async () => {
    const kinds = new CourierRig({ kinds: ["conflict"], severities: ["critical"] });
    using rig = kinds;
    rig.happened(
      { alertId: 1, kind: "battery-low", severity: "critical" },
      { alertId: 2, kind: "conflict", severity: "warning" },
      { alertId: 3, kind: "conflict", severity: "critical" },
      { alertId: 3, kind: "conflict", severity: "critical", transition: "remind", revision: 2 },
      { alertId: 3, kind: "conflict", severity: "warning", transition: "downgrade", revision: 3 },
      { alertId: 3, kind: "conflict", severity: "warning", transition: "resolve", revision: 4 },
    );
    assertEquals(await rig.pass(1 * S), ["3_1", "3_3"]);
    using all = new CourierRig({ reminders: true });
    all.happened({ alertId: 3, transition: "remind", revision: 2 });
    assertEquals(await all.pass(1 * S), ["3_2"]);
  });

  it("keeps few in mind, however many wait", async () => {
    using rig = new CourierRig();
    rig.answer = () => FAILED;
    rig.happened(...Array.from({ length: 1000 }, (_, i) => ({ alertId: i + 1 })));
    await rig.pass(1 * S);
    const { progress, waiting, oldestUs } = rig.courier.report();
    assertEquals([progress.openIds.length, progress.seenId, waiting], [256, 256, 1000]);
    assertEquals(oldestUs, (rig.nowMs - 1 * S) * 1000);
  });

  it("waits at its end for what is under way, and begins nothing more", async () => {
    using rig = new CourierRig({ concurrency: 1 });
    const give = held(rig);
    rig.happened({ alertId: 1 }, { alertId: 2 });
    await rig.turn();
    let isClosed = false;
    const closed = rig.courier.close().then(() => isClosed = true);
    await rig.turn();
    assertEquals(isClosed, false);
    await give("1_1");
    await closed;
    assertEquals(rig.asked, ["1_1"]);
    assertEquals(rig.courier.report().progress.openIds, [2]);
  });

  it("tries again when the database could not be read", async () => {
    using rig = new CourierRig();
    rig.happened({ alertId: 1 });
    rig.sink.db.exec("ALTER TABLE alert_changes RENAME TO away");
    await rig.pass(1 * S);
    rig.sink.db.exec("ALTER TABLE away RENAME TO alert_changes");
    assertEquals(await rig.pass(1 * S), ["1_1"]);
    assertEquals(rig.logs.length, 1);
  });
});
