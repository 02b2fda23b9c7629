import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { GlobalOutput } from "../../aggregator/merge/global_window.ts";
import { NOWHERE, type Place, readPlace } from "../../aggregator/merge/place.ts";
import { Outlet } from "../../aggregator/merge/outlet.ts";

const NOW_S = 1000;
const WINDOWS = [{} as GlobalOutput];
const place = (step: number): Place => ({ step, finalS: step, offsets: { eu: `${step}` }, sinceS: {} });

/** A topic that fails as often as it is told, and remembers with what place each batch came. */
class FakeTopic {
  failures = 0;
  before: Place | null = null;
  readonly places: number[] = [];
  readonly troubles: (string | null)[] = [];
  connections = 0;

  outlet(): Outlet {
    return new Outlet({
      connect: () => {
        this.connections++;
        return {
          open: () => this.#attempt(() => this.before),
          send: (_, { step }) => this.#attempt(() => void this.places.push(step)),
          close: () => Promise.resolve(),
        };
      },
      now: () => NOW_S * 1000,
      pause: () => Promise.resolve(),
      onTrouble: (why) => this.troubles.push(why),
    });
  }

  #attempt<Value>(done: () => Value): Promise<Value> {
    return this.failures-- > 0 ? Promise.reject(new Error("no broker")) : Promise.resolve(done());
  }
}

describe("where windows of all regions are published", () => {
  it("tells with each batch where to go on once the batch before it has arrived, not yet this one", async () => {
    const topic = new FakeTopic();
    topic.before = place(7);
    const outlet = topic.outlet();
    assertEquals(await outlet.open(), place(7));
    for (const step of [8, 9, 10]) await outlet.send(WINDOWS, place(step));
    assertEquals(topic.places, [7, 8, 9]);
  });

  it("sends again what did not arrive, by another connection, and says why not meanwhile", async () => {
    const topic = new FakeTopic();
    const outlet = topic.outlet();
    await outlet.open();
    topic.failures = 2;
    await outlet.send(WINDOWS, place(1));
    await outlet.send(WINDOWS, place(2));
    assertEquals([topic.places, topic.connections], [[0, 1], 3]);
    assertEquals(topic.troubles, [null, "no broker", "no broker", null, null]);
  });

  it("goes on behind a place that says of windows to come that they are final, and takes nothing else from it", async () => {
    const topic = new FakeTopic();
    topic.before = { ...place(7), finalS: NOW_S + 86_400 };
    assertEquals(await topic.outlet().open(), topic.before);
    topic.before = { ...place(7), finalS: NOW_S + 86_401 };
    assertEquals(await topic.outlet().open(), { step: 7, finalS: 0, offsets: {}, sinceS: {} });
  });

  it("knows a place by what is in it, of an earlier version too, and nothing else", () => {
    const { sinceS: _, ...earlier } = place(7);
    assertEquals([earlier, place(7)].map((each) => readPlace(JSON.stringify(each))), [place(7), place(7)]);
    const others = ["", "{", "null", '{"step":"1"}', '{"offsets":{"eu":"first"}}', '{"sinceS":{"eu":null}}'];
    assertEquals(others.map(readPlace), others.map((text) => text === "null" ? NOWHERE : null));
  });

  it("sends nothing any more once it is closed", async () => {
    const topic = new FakeTopic();
    const outlet = topic.outlet();
    await outlet.close();
    await outlet.send(WINDOWS, place(1));
    assertEquals([await outlet.open(), topic.places], [null, []]);
  });
});
