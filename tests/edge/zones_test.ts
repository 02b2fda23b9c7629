import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Zone, Zones } from "../../edge/drones/zones.ts";

const fallback = { fleet: "fleet", zone: "unassigned" };

const SETTINGS = { fallback, entriesMax: 10, ttlMs: 60_000, now: () => 0, onChange: () => {}, onError: () => {} };

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

  it("knows the formation of an entry, also that it is none, and no name that is too long", () =>
    rig(async ({ kv, zones }) => {
      const entries = { d1: "show", d2: "", d3: "é".repeat(33), d4: 7 };
      for (const [droneId, group] of Object.entries(entries)) await kv.set(["slipstream", "zones", droneId], { group });
      await zones.preload();
      assertEquals(Object.keys(entries).map((droneId) => zones.of(droneId).group), ["show", "", undefined, undefined]);
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

  it("tells a drone that flies on of an edited entry, within its time to live and a second", () =>
    rig(async ({ kv, zones, changes, changed, clock }) => {
      const looked = changed();
      zones.of("d1");
      await looked;
      await kv.set(["slipstream", "zones", "d1"], { zone: "north" });
      for (clock.ms = 1000; clock.ms <= 60_000; clock.ms += 1000) zones.refresh(() => true);
      assertEquals(changes.length, 1);
      const again = changed();
      clock.ms = 61_000;
      zones.refresh(() => true);
      await again;
      assertEquals(changes.at(-1), ["d1", { fleet: "fleet", zone: "north" }]);
      const third = changed();
      await kv.delete(["slipstream", "zones", "d1"]);
      clock.ms = 122_001;
      zones.refresh(() => true);
      await third;
      assertEquals(changes.at(-1), ["d1", fallback]);
    }));

  it("follows a drone whose entry was there before it started", () =>
    rig(async ({ kv, zones, changes, changed, clock }) => {
      await kv.set(["slipstream", "zones", "d1"], { zone: "north" });
      await zones.preload();
      clock.ms = 50_000;
      zones.of("d1");
      await kv.set(["slipstream", "zones", "d1"], { zone: "south" });
      const looked = changed();
      clock.ms = 51_000;
      zones.refresh(() => true);
      await looked;
      assertEquals(changes, [["d1", { fleet: "fleet", zone: "south" }]]);
    }));
});

describe("Zones whose store fails", () => {
  /** A store in which each lookup waits for the test. */
  function failing() {
    const asked: { droneId: string; answer: (value: unknown) => void; fail: () => void }[] = [];
    const get = (key: string[]) =>
      new Promise((resolve, reject) => {
        const fail = () => reject(new Error("Cannot read: the store is away"));
        asked.push({ droneId: key.at(-1)!, answer: (value) => resolve({ value }), fail });
      });
    const clock = { ms: 0 };
    const errors: number[] = [];
    const changes: [string, Zone][] = [];
    const zones = new Zones({ get } as unknown as Deno.Kv, {
      fallback,
      entriesMax: 10_000,
      ttlMs: 60_000,
      now: () => clock.ms,
      onChange: (droneId, zone) => changes.push([droneId, zone]),
      onError: (_, failures) => errors.push(failures),
    });
    return { asked, clock, errors, changes, zones };
  }
  /** Lets what was answered arrive. */
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

  it("keep the zone they know, say so once a second, and look again", async () => {
    const { asked, clock, errors, changes, zones } = failing();
    zones.of("d1");
    asked[0]!.answer({ zone: "north" });
    await settle();
    clock.ms = 61_000;
    zones.refresh(() => true);
    asked[1]!.fail();
    await settle();
    assertEquals([zones.of("d1").zone, changes.length], ["north", 1]);
    zones.refresh(() => true);
    zones.refresh(() => true);
    assertEquals(errors, [1]);
    asked.at(-1)!.answer({ zone: "south" });
    await settle();
    assertEquals(zones.of("d1").zone, "south");
  });

  it("ask for a new drone again a second later", async () => {
    const { asked, clock, zones } = failing();
    zones.of("d1");
    asked[0]!.fail();
    await settle();
    clock.ms = 1000;
    zones.refresh(() => true);
    asked[1]!.answer({ zone: "north" });
    await settle();
    assertEquals(zones.of("d1").zone, "north");
  });

  it("ask no more for a drone that has gone, looked up or not", async () => {
    const { asked, clock, zones } = failing();
    zones.of("d1");
    zones.of("d2");
    asked[0]!.answer({ zone: "north" });
    asked[1]!.fail();
    await settle();
    for (clock.ms = 1000; clock.ms < 200_000; clock.ms += 1000) zones.refresh(() => false);
    assertEquals(asked.length, 2);
  });

  it("have a thousand lookups under way, not more, and forget nobody", async () => {
    const { asked, clock, changes, zones } = failing();
    for (let n = 0; n < 2500; n++) zones.of(`d${n}`);
    assertEquals(asked.length, 1000);
    for (let s = 1; changes.length < 2500; s++) {
      for (const { answer } of asked.slice(changes.length)) answer({ zone: "north" });
      await settle();
      clock.ms = s * 1000;
      zones.refresh(() => true);
    }
    assertEquals(new Set(asked.map(({ droneId }) => droneId)).size, 2500);
    clock.ms = 100_000;
    zones.refresh(() => true);
    assertEquals(asked.length, 3500);
  });
});

describe("Zones of drones that nobody flies", () => {
  it("are apart from those of the operator's, unless an entry says something else", () =>
    rig(async ({ kv, zones }) => {
      await kv.set(["slipstream", "zones", "doctor-2"], { fleet: "acme", zone: "south" });
      await zones.preload();
      assertEquals([zones.of("doctor-1"), zones.of("doctor-2"), zones.of("a-doctor-1")], [
        { fleet: "doctor", zone: "doctor" },
        { fleet: "acme", zone: "south" },
        fallback,
      ]);
      assertEquals(new Zones(null, SETTINGS).of("doctor-1"), { fleet: "doctor", zone: "doctor" });
    }));

  it("know of the database what the last lookup said", async () => {
    const outcomes = [
      Promise.resolve({ value: null }),
      Promise.reject(new Error("disk")),
      Promise.resolve({ value: null }),
    ];
    for (const outcome of outcomes) outcome.catch(() => {});
    const states: string[] = [];
    const kv = { get: () => outcomes.shift() } as unknown as Deno.Kv;
    const zones = new Zones(kv, SETTINGS);
    for (const droneId of ["d1", "d2", "d3"]) {
      zones.of(droneId);
      for (let i = 0; i < 10; i++) await null;
      states.push(zones.state);
    }
    assertEquals([states, new Zones(null, SETTINGS).state], [["works", "fails", "works"], "off"]);
  });
});
