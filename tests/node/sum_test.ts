import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { sum } from "../../edge/node/sum.ts";

const view = (init: Record<string, unknown> = {}) => ({
  version: "1.2.3",
  uplink: "connected",
  aggregator: { version: "1.2.3", protocol: 2 },
  breaker: "closed",
  level: 0,
  records: { received: 10, refused: 1 },
  backlog: { bytes: 100, ageMs: 5, etaMs: null },
  ...init,
});

describe("the sum of what edges say", () => {
  it("of one is what it says", () => {
    assertEquals(sum([view()]), view());
  });

  it("adds counts, and has the highest of levels and delays", () => {
    const other = view({ level: 2, records: { received: 32, refused: 0 }, backlog: { bytes: 1, ageMs: 3, etaMs: 7 } });
    const whole = { level: 2, records: { received: 42, refused: 1 }, backlog: { bytes: 101, ageMs: 5, etaMs: 7 } };
    assertEquals(sum([view(), other]), view(whole));
    assertEquals(sum([other, view()]), view(whole));
  });

  it("wants as many as the edge that wants most, and has the reasons of all, each once", () => {
    const scale = (wanted: number, cpuPct: number | null, ...reasons: string[]) => ({
      ...{ replicas: 1, wanted, reasons },
      signals: { cpuPct, lagMs: 1, connectionsPct: 40, backlogMs: 2 },
    });
    assertEquals(sum([scale(1, 50, "calm"), scale(2, 82, "busy", "calm"), scale(1, null, "calm")]), {
      ...scale(2, 82, "calm", "busy"),
    });
  });

  it("adds what of each edge there is room for, and what is counted by kind", () => {
    const one = { slots: { known: 1, max: 100 }, credit: { safety: 8, bulk: 0 }, connectionsByProtocol: { mqtt: 1 } };
    const other = { slots: { known: 2, max: 100 }, credit: { safety: 8, bulk: 4 }, connectionsByProtocol: { mqtt: 5 } };
    assertEquals(sum([view(one), view(other)]), {
      ...sum([view(), view()]),
      ...{ slots: { known: 3, max: 200 }, credit: { safety: 16, bulk: 4 }, connectionsByProtocol: { mqtt: 6 } },
    });
  });

  it("says of which state one is that is not as it should be", () => {
    assertEquals(sum([view(), view({ uplink: "waiting", breaker: "open" })]), {
      ...sum([view(), view()]),
      ...{ uplink: "waiting", breaker: "open" },
    });
    const kv = (state: string, uplinkTrouble: string | null) => view({ kv: state, uplinkTrouble });
    const { kv: whole, uplinkTrouble } = sum([kv("works", null), kv("fails", "refused"), kv("works", null)]);
    assertEquals([whole, uplinkTrouble], ["fails", "refused"]);
  });
});
