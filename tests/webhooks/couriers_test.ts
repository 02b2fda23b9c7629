import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Couriers } from "../../aggregator/webhooks/couriers.ts";
import type { Progress } from "../../aggregator/webhooks/progress.ts";
import type { WebhookSettings } from "../../aggregator/webhooks/settings.ts";
import { CourierRig, DELIVERED, FAILED, SETTINGS } from "./courier_rig.ts";

const named = (name: string, over: Partial<WebhookSettings> = {}) => ({ ...SETTINGS, name, ...over });
const file = (...webhooks: WebhookSettings[]) => ({ consoleUrl: "", webhooks });

/** Couriers of one rig, and in which order they were opened and ended. */
function rigOf(rig: CourierRig, kept: Record<string, Progress> = {}) {
  const done: string[] = [];
  const couriers = new Couriers({
    kept: (name) => kept[name] ?? null,
    open: ({ name, url, ...settings }, { progress }) => {
      done.push(`${name} from ${progress?.seenId ?? "now"} ${progress?.openIds ?? ""}`.trim());
      return { courier: rig.open({ ...settings, name, url }, progress), end: () => done.push(`${name} ended`) };
    },
  });
  return { couriers, done };
}

describe("couriers", () => {
  it("go on where their settings stay; where they change another one goes on from there", async () => {
    using rig = new CourierRig();
    const { couriers, done } = rigOf(rig, { b: { seenId: 0, openIds: [] } });
    await couriers.use(file(named("a"), named("b")));
    rig.answer = () => FAILED;
    rig.happened({ alertId: 1 });
    couriers.turn();
    await rig.settle();
    await couriers.use(file(named("a"), named("b", { secrets: [new Uint8Array(32).fill(7)] })));
    assertEquals(done, ["a from now", "b from 0", "b ended", "b from 1 1"]);
    rig.answer = () => DELIVERED;
    rig.nowMs += 60_000;
    couriers.turn();
    await rig.settle();
    const reports = couriers.reports().map(({ name, counts, progress }) => [name, counts.delivered, progress.openIds]);
    assertEquals(reports, [["b", 0, [1]], ["a", 1, []], ["b", 1, []]]);
    assertEquals(couriers.reports().length, 2);
  });

  it("that nobody wants any more end once nothing is under way, and say how far they told", async () => {
    using rig = new CourierRig();
    const { couriers, done } = rigOf(rig, { a: { seenId: 0, openIds: [] } });
    await couriers.use(file(named("a")));
    const late = Promise.withResolvers<typeof DELIVERED>();
    rig.answer = () => late.promise;
    rig.happened({ alertId: 1 });
    couriers.turn();
    const [gone, back] = [couriers.use(file()), couriers.use(file(named("a", { concurrency: 1 })))];
    await rig.settle();
    assertEquals(done, ["a from 0"]);
    late.resolve(DELIVERED);
    await Promise.all([gone, back]);
    assertEquals(done, ["a from 0", "a ended", "a from 1"]);
    const told = couriers.reports().map(({ counts, progress }) => [counts.delivered, progress.seenId]);
    assertEquals(told, [[1, 1], [0, 1]]);
    await couriers.close();
    await couriers.use(file());
    assertEquals(done.length, 3);
  });
});
