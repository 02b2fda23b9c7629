import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bannersOf } from "../../aggregator/console/banners.js";
import { levelOf, LossShare, worst } from "../../aggregator/console/thresholds.js";

const HEARD_MS = Date.UTC(2026, 10, 30, 13, 4, 5);
const GOOD = { silentMs: 200, lastWallMs: HEARD_MS, lateMs: 0, isStale: false, isLate: false };
const FLEET = { drones: 5, watermarkLagMs: 111, journal: { state: "durable" }, edges: [edge("edge-1", 1)] };

function edge(edgeId: string, connections: number) {
  return { edgeId, connections, lastMessageTimeUs: HEARD_MS * 1000 };
}

function alert(over: object) {
  return { alertId: 1, kind: "degraded", detail: "x", severity: "critical", droneIds: [], message: "m", ...over };
}

function told(
  { news = {}, fleet = {}, ...rest }: {
    news?: object;
    fleet?: object;
    broken?: boolean;
    alerts?: object[];
    isOpen?: boolean;
  },
) {
  const state = {
    news: { ...GOOD, ...news },
    fleet: { ...FLEET, ...fleet },
    broken: false,
    alerts: [],
    isOpen: false,
    ...rest,
  };
  return bannersOf(state).map(({ severity, title, detail }: Record<string, string>) =>
    `${severity}: ${title}: ${detail}`
  );
}

describe("bannersOf", () => {
  it("says nothing while all is well", () => {
    assertEquals(told({}), []);
  });

  it("says since when the page is stale, by a clock of 24 hours and UTC, and for how long", () => {
    const [banner] = told({ news: { isStale: true, silentMs: 31_400 } });
    assertStringIncludes(banner!, "critical: Stale since 13:04:05 UTC");
    assertStringIncludes(banner!, "No news for 31 s");
  });

  it("says quietly, after all else, that nobody must prove anything", () => {
    const banners = told({ isOpen: true, broken: true });
    assertStringIncludes(banners.at(-1)!, "note: Open to everybody on this machine");
    assertEquals(banners.length, 2);
  });

  it("says that the connection is lost, at once", () => {
    assertStringIncludes(told({ broken: true })[0]!, "Connection lost since 13:04:05 UTC: The connection");
  });

  it("says that nothing has ever come", () => {
    assertStringIncludes(told({ news: { isStale: true, lastWallMs: null, silentMs: 9000 } })[0]!, "No news yet");
  });

  it("says how old news are that come late", () => {
    assertStringIncludes(told({ news: { isLate: true, lateMs: 20_000 } })[0]!, "What is shown here is 20 s old");
  });

  it("is not green at 106 s of lag", () => {
    assertStringIncludes(told({ fleet: { watermarkLagMs: 106_000 } })[0]!, "critical: The fleet's numbers lag behind");
    assertStringIncludes(told({ fleet: { watermarkLagMs: 106_000 } })[0]!, "1 min 46 s");
    assertStringIncludes(told({ fleet: { watermarkLagMs: 4000 } })[0]!, "warning: ");
    assertEquals(told({ fleet: { watermarkLagMs: 106_000, drones: 0 } }), [], "an empty fleet has no lag");
  });

  it("says that the journal fails, once, and that the machine is too slow", () => {
    const journal = told({ fleet: { journal: { state: "failing" } }, alerts: [alert({ detail: "journal" })] });
    assertEquals([journal.length, journal[0]!.includes("The journal cannot be written")], [1, true]);
    const tooSlow = told({ fleet: { tooSlow: { what: "edge edge-1", lagMs: 18_000 }, watermarkLagMs: 18_500 } });
    assertEquals(tooSlow.length, 1);
    assertStringIncludes(tooSlow[0]!, "too slow for the fleet: edge edge-1: 18 s behind. The numbers are 18 s behind");
    assertEquals(told({ fleet: { tooSlow: null } }), []);
  });

  it("names edges that are not connected, and since when", () => {
    const [banner] = told({ fleet: { edges: [edge("edge-1", 1), edge("edge-2", 0)] } });
    assertEquals(banner, "warning: Edge not connected: edge-2: Last heard 13:04:05 UTC.");
  });

  it("shows critical alerts about the system itself, of kinds it has never heard of too", () => {
    const alerts = [
      alert({ alertId: 1, kind: "edge-lost", message: "edge-2 is lost with 40 drones", droneIds: ["a", "b"] }),
      alert({ alertId: 2, kind: "brand-new", message: "something is new" }),
      alert({ alertId: 3, severity: "warning" }),
      alert({ alertId: 4, kind: "conflict", droneIds: ["a", "b"] }),
    ];
    assertEquals(told({ alerts }), ["critical: edge-2 is lost with 40 drones: ", "critical: something is new: "]);
  });
});

describe("levelOf", () => {
  it("has a threshold for lag, loss and level, and worries about nothing unknown", () => {
    const levels: [string, number | null, string][] = [
      ["watermarkLagMs", 1999, "ok"],
      ["watermarkLagMs", 2000, "warn"],
      ["watermarkLagMs", 10_000, "bad"],
      ["watermarkLagMs", null, "ok"],
      ["lostShare", 0, "ok"],
      ["lostShare", 1e-6, "warn"],
      ["lostShare", 0.02, "bad"],
      ["edgeLevel", 0, "ok"],
      ["edgeLevel", 2, "warn"],
      ["edgeLevel", 4, "bad"],
      ["linkLost", 3, "warn"],
    ];
    for (const [name, value, level] of levels) assertEquals(levelOf(name, value), level, `${name} ${value}`);
    assertEquals([worst(["ok", "bad", "warn"]), worst(["ok", "warn"]), worst([])], ["bad", "warn", "ok"]);
  });
});

describe("LossShare", () => {
  it("forgets after a minute: a loss of yesterday is none of today", () => {
    const share = new LossShare();
    assertEquals(share.value, 0);
    share.add({ timeUs: 0, lost: 5, received: 100 });
    share.add({ timeUs: 1e6, lost: 15, received: 190 });
    assertEquals(share.value, 0.1);
    for (let s = 2; s <= 62; s++) share.add({ timeUs: s * 1e6, lost: 15, received: 190 + s });
    assertEquals(share.value, 0);
  });

  it("begins anew with totals of another process", () => {
    const share = new LossShare();
    share.add({ timeUs: 0, lost: 50, received: 1000 });
    share.add({ timeUs: 1e6, lost: 0, received: 10 });
    assertEquals(share.value, 0);
  });
});
