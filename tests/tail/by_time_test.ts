import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { byTime } from "../../aggregator/tail/topic_reader.ts";

describe("messages of several partitions", () => {
  it("come by time, and those of one in its order whatever their times are", () => {
    const of = (partition: number, ...timesMs: number[]) =>
      timesMs.map((timeMs, i) => (
        { partition, offset: BigInt(i), timeMs, key: null, value: null, headers: new Map<string, string>() }
      ));
    const order = byTime([of(0, 10, 40, 20), of(1, 5, 30, 50)]).map(({ partition, timeMs }) =>
      `${partition}:${timeMs}`
    );
    assertEquals(order, ["1:5", "0:10", "1:30", "0:40", "0:20", "1:50"]);
  });
});
