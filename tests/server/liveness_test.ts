import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Liveness, type Verdict } from "../../platform/server/liveness.ts";

const LIMITS = { messageMs: 10_000, messagesPerSMax: 100 };

/** What was judged in so many seconds, each with what came in it. */
function seconds(of: Liveness, count: number, each: () => void = () => {}): Verdict[] {
  return Array.from({ length: count }, () => {
    each();
    return of.second();
  });
}

describe("Liveness", () => {
  it("asks after 15 s of silence, and gives up after 30", () => {
    const verdicts = seconds(new Liveness(LIMITS), 30);
    assertEquals([verdicts.indexOf("ask"), verdicts.indexOf("silent")], [14, 29]);
    assertEquals(verdicts.filter((verdict) => verdict === "alive").length, 28);
  });

  it("takes a message for slow that has not come to its end after 10 s, though bytes of it come", () => {
    const of = new Liveness(LIMITS);
    assertEquals(seconds(of, 11, () => of.bytes(1)).indexOf("slow"), 10);
  });

  it("takes none for slow that comes to its end, however many there are", () => {
    const of = new Liveness(LIMITS);
    const each = () => {
      of.bytes(50);
      of.message();
    };
    assertEquals(new Set(seconds(of, 60, each)), new Set(["alive"]));
  });

  it("takes pings for what they are: alone they are no message, and within one they do not end it", () => {
    const alone = new Liveness(LIMITS);
    const ping = (of: Liveness) => {
      of.bytes(6 + 4);
      of.control(4);
    };
    assertEquals(new Set(seconds(alone, 60, () => ping(alone))), new Set(["alive"]));
    const within = new Liveness(LIMITS);
    within.bytes(2000);
    assertEquals(seconds(within, 11, () => ping(within)).indexOf("slow"), 10);
  });

  it("has enough of 200 pings at once, of none that keep to 20 a second, and of none between messages", () => {
    const flood = new Liveness(LIMITS);
    assertEquals(Array.from({ length: 201 }, () => flood.control(0)).indexOf(false), 200);
    const steady = new Liveness(LIMITS);
    for (let s = 0; s < 60; s++) {
      for (let i = 0; i < 20; i++) assertEquals(steady.control(0), true);
      steady.second();
    }
    const between = new Liveness({ ...LIMITS, messagesPerSMax: 10_000 });
    for (let i = 0; i < 5000; i++) {
      between.message();
      assertEquals(between.control(0), true);
    }
  });

  it("has enough of one message more than a second may have, and begins anew with the next second", () => {
    const of = new Liveness(LIMITS);
    for (let s = 0; s < 2; s++) {
      assertEquals(Array.from({ length: 101 }, () => of.message()).indexOf(false), 100);
      of.second();
    }
  });
});
