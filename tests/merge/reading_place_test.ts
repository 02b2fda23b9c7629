import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ReadingPlace } from "../../aggregator/merge/reading_place.ts";

const TOPIC = { topicId: "a", first: 5n, end: 9n };

describe("where in a topic somebody reads", () => {
  for (
    const [what, from, next, loss] of [
      ["goes on where it was", 7n, 7n, null],
      ["is its end, where all was read", 9n, 9n, null],
      [
        "is its first message to begin with, and what was before that is missed",
        null,
        5n,
        "no longer holds messages 0 to 4",
      ],
      ["is its first message, where those that come next are gone", 3n, 5n, "no longer holds messages 3 to 4"],
      [
        "is its first message, where more was read than is there",
        10n,
        5n,
        "is not what it was, and is read from its first message, 5, on",
      ],
    ] as const
  ) {
    it(what, () => {
      const place = new ReadingPlace(from);
      assertEquals([place.goOn(TOPIC), place.next, place.behind], [loss, next, Number(9n - next)]);
    });
  }

  it("is the first message of one that was made anew, however much is in it", () => {
    const place = new ReadingPlace(7n);
    assertEquals([place.goOn(TOPIC), place.goOn(TOPIC)], [null, null]);
    const what = "is not what it was, and is read from its first message, 0, on";
    assertEquals(place.goOn({ topicId: "b", first: 0n, end: 90n }), what);
    assertEquals([place.next, place.goOn({ topicId: "b", first: 0n, end: 90n })], [0n, null]);
  });
});
