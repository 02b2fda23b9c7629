import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Breaker, BREAKER_DEFAULTS } from "../../edge/uplink/breaker.ts";

function closed(random = () => 1): Breaker {
  const breaker = new Breaker(BREAKER_DEFAULTS, random);
  breaker.attempt();
  breaker.acknowledged(3, 0);
  return breaker;
}

describe("Breaker", () => {
  it("opens when the connection fails, half-opens with the next attempt, closes with a fast acknowledgement", () => {
    const breaker = closed();
    const states = [breaker.state];
    breaker.failed(10);
    states.push(breaker.state);
    breaker.attempt();
    states.push(breaker.state);
    breaker.acknowledged(5, 20);
    states.push(breaker.state);
    assertEquals(states, ["closed", "open", "half-open", "closed"]);
  });

  it("lets nothing out while open, one batch of a lane while half-open, the whole credit while closed", () => {
    const breaker = closed();
    const limits = [breaker.limit(8), breaker.limit(0)];
    breaker.failed(10);
    limits.push(breaker.limit(8));
    breaker.attempt();
    limits.push(breaker.limit(8), breaker.limit(0));
    assertEquals(limits, [8, 0, 0, 1, 0]);
  });

  it("half-opens after a row of slow acknowledgements, and closes with the first fast one", () => {
    const breaker = closed();
    for (let i = 0; i < BREAKER_DEFAULTS.slowAcks - 1; i++) breaker.acknowledged(2000, i);
    assertEquals(breaker.state, "closed");
    breaker.acknowledged(2000, 10);
    assertEquals(breaker.state, "half-open");
    breaker.acknowledged(2000, 11);
    assertEquals(breaker.state, "half-open");
    breaker.acknowledged(20, 12);
    assertEquals(breaker.state, "closed");
  });

  it("waits longer after each failure, with full jitter, and anew only after a stable time", () => {
    const waits = (breaker: Breaker) => [0, 1, 2, 3, 4, 5, 6, 7].map(() => breaker.failed(100));
    assertEquals(waits(closed()), [100, 200, 400, 800, 1000, 1000, 1000, 1000]);
    assertEquals(waits(closed(() => 0.5)).slice(0, 3), [50, 100, 200]);
    const breaker = closed();
    waits(breaker);
    breaker.attempt();
    breaker.acknowledged(1, 1000);
    assertEquals(breaker.failed(1000 + BREAKER_DEFAULTS.stableAfterMs - 1), 1000);
    breaker.attempt();
    breaker.acknowledged(1, 2000);
    assertEquals(breaker.failed(2000 + BREAKER_DEFAULTS.stableAfterMs), 100);
  });

  it("calls a link silent that owes an answer for too long, and one that owes none never", () => {
    const breaker = closed();
    assertEquals(breaker.isSilent(0, BREAKER_DEFAULTS.silentMsMax), false);
    assertEquals(breaker.isSilent(0, BREAKER_DEFAULTS.silentMsMax + 1), true);
    assertEquals(breaker.isSilent(null, 1e9), false);
    const { muteMsMax } = BREAKER_DEFAULTS;
    assertEquals([breaker.isMute(0, muteMsMax), breaker.isMute(0, muteMsMax + 1), breaker.isMute(null, 1e9)], [
      ...[false, true, false],
    ]);
  });
});
