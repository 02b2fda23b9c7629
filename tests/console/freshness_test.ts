import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Freshness } from "../../aggregator/console/freshness.js";

const WALL_MS = 1_790_000_000_000;
/** So many seconds after the page was opened; `sleptS`: the computer slept for so long in between. */
const at = (s: number, sleptS = 0) => ({ clockMs: 1000 * s, wallMs: WALL_MS + 1000 * (s + sleptS) });
const serverMs = (s: number) => WALL_MS + 60_000 + 1000 * s;

describe("Freshness", () => {
  it("is stale once nothing has been heard for 3 s, and says since when", () => {
    const news = new Freshness(at(0));
    news.heard(at(10), serverMs(10));
    assertEquals([news.isStale(at(13)), news.isStale(at(13.1))], [false, true]);
    assertEquals([news.silentMs(at(41)), news.lastWallMs], [31_000, at(10).wallMs]);
    news.heard(at(50));
    assertEquals([news.isStale(at(50)), news.silentMs(at(50))], [false, 0]);
  });

  it("is stale when it has never heard anything, and does not name a time then", () => {
    const news = new Freshness(at(0));
    assertEquals([news.isStale(at(2)), news.isStale(at(4)), news.lastWallMs], [false, true, null]);
  });

  it("is stale after the computer slept, whose own clock stood still", () => {
    const news = new Freshness(at(0));
    news.heard(at(10), serverMs(10));
    assertEquals(news.isStale(at(11, 600)), true);
  });

  it("counts the aggregator's time on while it hears nothing: ages go on", () => {
    const news = new Freshness(at(0));
    assertEquals(news.serverUs(at(1)), null);
    news.heard(at(10), serverMs(10));
    assertEquals(news.serverUs(at(41)), serverMs(41) * 1000);
    news.heard(at(42));
    assertEquals(news.serverUs(at(43)), serverMs(43) * 1000, "news without a time do not set it back");
  });

  it("notices news that come, but late", () => {
    const news = new Freshness(at(0));
    news.heard(at(10), serverMs(10));
    news.heard(at(20), serverMs(18));
    assertEquals([news.isLate, news.lateMs], [false, 2000]);
    news.heard(at(30), serverMs(20));
    assertEquals([news.isLate, news.lateMs, news.isStale(at(30))], [true, 10_000, false]);
    assertEquals(news.serverUs(at(30)), serverMs(30) * 1000, "ages are as old as they are");
    // An answer that passed no queue says the same: they are late.
    news.asked(at(30), serverMs(30));
    assertEquals(news.isLate, true);
  });

  it("takes a clock that was set for what it is, once it has asked", () => {
    const news = new Freshness(at(0));
    news.heard(at(10), serverMs(10));
    news.heard(at(11), serverMs(11 - 3600));
    assertEquals(news.isLate, true);
    news.asked(at(11), serverMs(11 - 3600));
    assertEquals([news.isLate, news.lateMs], [false, 0]);
  });
});
