import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { HotPath } from "../../wasm/hot_path.ts";
import type { HotPathSettings } from "../../wasm/settings.ts";
import { faultyModule, trapAfter, trapWhenSealing } from "../wasm/faulty_module.ts";
import { batteryFrame, withEdge } from "./rig.ts";

const { load } = HotPath;
let hotPath: HotPath;

/** Stores of a frame: while it is read, and while it is taken. */
const READING = 20;
const TAKING = 75;

describe("an edge whose hot path traps", () => {
  beforeEach(() => {
    HotPath.load = async (settings: HotPathSettings) => hotPath = HotPath.fromModule(await faultyModule(), settings);
  });

  afterEach(() => {
    HotPath.load = load;
  });

  for (const [when, stores] of [["reads", READING], ["takes", TAKING]] as const) {
    it(`while it ${when} a frame closes its connection with 1011, counts it, and keeps what others have sent`, () =>
      withEdge({}, async ({ aggregator, connect, status }) => {
        const [good, bad] = [connect(), connect()];
        await Promise.all([good.hello(), bad.hello()]);
        good.send(batteryFrame("good", [1, 2]));
        await good.inbox.until(() => hotPath.waiting(1) === 2 || good.acknowledged().length > 0);
        trapAfter(hotPath, stores);
        bad.send(batteryFrame("bad", [1]));
        assertEquals((await bad.closed).code, 1011);
        good.send(batteryFrame("good", [2, 3]));
        await good.inbox.until(() => good.acknowledged().includes(3));
        const { frames, records, ...rest } = await status();
        assertEquals(frames, { received: 3, malformed: 1, foreign: 0, trapped: 1 });
        const { received, forwarded, duplicate, malformed } = records;
        assertEquals([received, forwarded, duplicate, malformed], [5, 3, 1, 1]);
        assertEquals((rest as unknown as { hotPathTraps: number }).hotPathTraps, 1);
        assertEquals(aggregator.batches.reduce((sum, batch) => sum + batch.records, 0), 3);
        const again = connect();
        await again.hello();
        again.send(batteryFrame("bad", [1]));
        await again.inbox.until(() => again.acknowledged().length === 1);
      }));
  }

  it("each time that it seals gives the records back to their drones, and takes them when they come again", () =>
    withEdge({}, async ({ connect, status }) => {
      const drone = connect();
      await drone.hello();
      trapWhenSealing(hotPath, true);
      drone.send(batteryFrame("a", [1, 2]));
      const { body } = await drone.inbox.until((all) => all.find(({ body }) => body.case === "throttle"));
      trapWhenSealing(hotPath, false);
      assertEquals(body.case === "throttle" && body.value.refused?.lastSeq, 2);
      drone.send(batteryFrame("a", [1, 2]));
      await drone.inbox.until(() => drone.acknowledged().length === 2);
      assertEquals((await status()).records.duplicate, 0);
    }));
});
