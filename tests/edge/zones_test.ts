import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Zone, Zones } from "../../edge/zones.ts";

const fallback = { fleet: "fleet", zone: "unassigned" };

async function rig(
  run: (parts: {
    kv: Deno.Kv;
    zones: Zones;
    changes: [string, Zone][];
    changed: () => Promise<void>;
    clock: { ms: number };
  }) => Promise<void>,
): Promise<void> {
  const kv = await Deno.openKv(":memory:");
  const changes: [string, Zone][] = [];
  let signal = () => {};
  const clock = { ms: 0 };
  const zones = new Zones(kv, {
    fallback,
    entriesMax: 10,
    ttlMs: 60_000,
    now: () => clock.ms,
    onChange: (droneId, zone) => {
      changes.push([droneId, zone]);
      signal();
    },
    onError: (error) => {
      throw error;
    },
  });
  const changed = () => new Promise<void>((resolve) => signal = resolve);
  await run({ kv, zones, changes, changed, clock });
  kv.close();
}

describe("Zones", () => {
  it("knows what was stored before it started", () =>
    rig(async ({ kv, zones }) => {
      await kv.set(["slipstream", "zones", "d1"], { zone: "north" });
      await zones.preload();
      assertEquals(zones.of("d1"), { fleet: "fleet", zone: "north" });
    }));

  it("answers with the fallback and looks a new drone up meanwhile", () =>
    rig(async ({ kv, zones, changes, changed }) => {
      await kv.set(["slipstream", "zones", "d1"], { fleet: "acme", zone: "south" });
      const looked = changed();
      assertEquals(zones.of("d1"), fallback);
      await looked;
      assertEquals(changes, [["d1", { fleet: "acme", zone: "south" }]]);
      assertEquals(zones.of("d1"), { fleet: "acme", zone: "south" });
    }));

  it("looks again when an entry is older than its time to live", () =>
    rig(async ({ kv, zones, changed, clock }) => {
      await kv.set(["slipstream", "zones", "d1"], { zone: "north" });
      await zones.preload();
      await kv.set(["slipstream", "zones", "d1"], { zone: "south" });
      clock.ms = 60_001;
      const looked = changed();
      assertEquals(zones.of("d1").zone, "north");
      await looked;
      assertEquals(zones.of("d1").zone, "south");
    }));

  it("falls back on entries that are not zones", () =>
    rig(async ({ kv, zones }) => {
      await kv.set(["slipstream", "zones", "d1"], "north");
      await zones.preload();
      assertEquals(zones.of("d1"), fallback);
    }));
});
