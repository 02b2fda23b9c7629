import { create } from "@bufbuild/protobuf";
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AlertKind } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import { TelemetrySchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { DEFAULT_CLIENT_SETTINGS, DroneClient } from "../../clients/typescript/src/drone_client.ts";
import { journalled } from "../journal/journalled.ts";
import { counted, rerun } from "./oracle.ts";
import { System } from "./system.ts";
import { World } from "./world.ts";

const PERIOD_MS = 100;
const FULL_FROM_MS = 2000;
const FULL_TO_MS = 34_000;
const SILENT_FROM_MS = 9000;
const LAND_MS = 50_000;
const SETTLED_MS = 200_000;
const EPOCH_MS = 1_790_000_000_000;
const SPEED_MPS = 15;
const E7_PER_M = 89.932;
/** Between two that fly toward each other: they are warned half a minute before they meet, in the middle of it all. */
const APART_M = 1460;

/** Flies along a meridian, and tells where it is ten times a second. */
class Pilot {
  readonly client: DroneClient;
  readonly droneId: string;
  /** By the world's time. */
  warnedMs: number | null = null;
  sent = 0;
  isSilent = false;
  readonly lost = new Set<number>();

  constructor(system: System, { droneId, northM, speedMps }: { droneId: string; northM: number; speedMps: number }) {
    const { world } = system;
    this.droneId = droneId;
    this.client = new DroneClient({ ...DEFAULT_CLIENT_SETTINGS, identity: { droneId, bootId: 1 } }, {
      connect: () => system.dial(this),
      random: world.random,
      now: () => EPOCH_MS + world.nowMs,
      clock: () => world.nowMs,
      after: (ms, fn) => world.after(ms, fn),
      onAlert: ({ kind }) => {
        if (kind === AlertKind.CONFLICT) this.warnedMs ??= world.nowMs;
      },
      onLost: (seqs) => seqs.forEach((seq) => this.lost.add(seq)),
    });
    this.client.open();
    world.every(PERIOD_MS, () => {
      if (this.isSilent || world.nowMs > LAND_MS) return;
      const latE7 = 470_000_000 + Math.round((northM + speedMps * world.nowMs / 1000) * E7_PER_M);
      const value = { latE7, lonE7: 80_000_000, altMslMm: 500_000, vnCms: speedMps * 100, fixType: 3, hAccMm: 500 };
      const eventTimeUs = BigInt(Math.round((EPOCH_MS + world.nowMs) * 1000));
      const body = { case: "position", value } as const;
      this.client.send([create(TelemetrySchema, { seq: ++this.sent, eventTimeUs, flags: 3, body })]);
    });
  }
}

interface Flight {
  system: System;
  pilots: Pilot[];
  /** While the disk was full: kinds of open alerts, and what became of an operator's acknowledgement. */
  kinds: string[];
  acknowledged: string | undefined;
}

/** `crashMs`: when the aggregator dies, to be there again a second later. */
async function fly(
  { disk, queueBytesMax = 64 << 20, crashMs = Infinity }: {
    /** From FULL_FROM_MS to FULL_TO_MS. */
    disk: "works" | "is full" | "hangs";
    queueBytesMax?: number;
    crashMs?: number;
  },
): Promise<Flight> {
  const world = new World(5);
  const system = new System(world, { drones: 0, edges: 1, bug: {}, twins: false });
  const { aggregator } = system;
  aggregator.queueBytesMax = queueBytesMax;
  await system.start();
  const pilots = [
    { droneId: "north", northM: -APART_M / 2, speedMps: SPEED_MPS },
    { droneId: "south", northM: APART_M / 2, speedMps: -SPEED_MPS },
    { droneId: "silent", northM: 20_000, speedMps: SPEED_MPS },
  ].map((flight) => new Pilot(system, flight));
  world.after(SILENT_FROM_MS, () => void (pilots[2]!.isSilent = true));
  if (crashMs < Infinity) world.after(crashMs, () => system.crash(aggregator));
  if (crashMs < Infinity) world.after(crashMs + 1000, () => aggregator.start());
  await world.run(FULL_FROM_MS);
  const hung: (() => void)[] = [];
  if (disk === "is full") aggregator.disk.capacity = 0;
  if (disk === "hangs") aggregator.disk.syncing = () => new Promise((resolve) => hung.push(resolve));
  await world.run(FULL_TO_MS - 1000);
  const alerts = aggregator.core?.pipeline.openAlerts() ?? [];
  let acknowledged: string | undefined;
  const seen = { alertId: alerts[0]?.alertId ?? 0, by: "Ada" };
  aggregator.core?.sequencer.acknowledgeAlert(seen).then((answer) => acknowledged = answer);
  await world.run(FULL_TO_MS);
  aggregator.disk.capacity = Infinity;
  aggregator.mendSyncs();
  for (const resolve of hung) resolve();
  await world.run(SETTLED_MS);
  aggregator.store.flush();
  return { system, pilots, kinds: alerts.map(({ kind }) => kind).sort(), acknowledged };
}

/** Each record was acknowledged, is in the journal, and counts once. */
function assertKept({ system: { aggregator }, pilots }: Flight): void {
  const sent = pilots.flatMap(({ droneId, sent }) => Array.from({ length: sent }, (_, i) => `${droneId}/1/${i + 1}`));
  assertEquals(pilots.map(({ client, lost }) => client.unacknowledged + lost.size), [0, 0, 0]);
  assertEquals([...journalled(aggregator.disk)].sort(), sent.sort());
  assertEquals(aggregator.core?.pipeline.fleet().records.accepted, sent.length);
  const { windows, late } = counted(aggregator.store);
  assertEquals([windows, late], [sent.length, 0]);
}

const control = await fly({ disk: "works" });
const held = await fly({ disk: "is full" });
const lacking = await fly({ disk: "is full", queueBytesMax: 300_000 });
const hung = await fly({ disk: "hangs", queueBytesMax: 300_000 });
const FLIGHTS = { "with room for all that waits": held, "without": lacking, "on a disk that never answers": hung };

describe("a pair that flies head on in the middle of half a minute with a full disk", () => {
  for (const [name, flight] of Object.entries(FLIGHTS)) {
    it(`is warned as fast as without that, ${name}`, () => {
      for (const [i, { warnedMs }] of flight.pilots.slice(0, 2).entries()) {
        const expectedMs = control.pilots[i]!.warnedMs!;
        assert(warnedMs !== null, "it is not warned at all");
        assertGreater(expectedMs, FULL_FROM_MS + 5000);
        assertLess(warnedMs, Math.min(FULL_TO_MS - 5000, expectedMs + 2 * PERIOD_MS));
      }
    });

    it(`has a drone beside it whose silence is noticed meanwhile, ${name}`, () => {
      assertEquals(flight.kinds, control.kinds);
      assertEquals(flight.kinds, ["conflict", "link-loss"]);
    });

    it(`has all of its records acknowledged, journalled and counted once when there is room again, ${name}`, () => {
      assertKept(flight);
    });

    it(`is seen by nobody whose word could be forgotten, ${name}`, () => {
      assertEquals([control.acknowledged, flight.acknowledged], ["safe", "refused"]);
    });
  }

  it("leaves no trace in the journal where all could wait: it replays as it was", () => {
    const { aggregator: { disk, core, store } } = held.system;
    const replayed = rerun(disk, core!.sequencer.applied.index);
    const live = store.rows("").filter(({ key }) => !key.startsWith("alert operations "));
    assertEquals([replayed.lacks, replayed.store.rows("")], [[], live]);
  });

  it("leaves one entry that says what the journal lacks, and behind it everything that had come", () => {
    const { aggregator: { disk, core } } = lacking.system;
    const replayed = rerun(disk, core!.sequencer.applied.index);
    const [gap, ...others] = replayed.lacks;
    assertEquals(others, []);
    assert(gap && gap.fromUs < gap.toUs && gap.lastAlertId > 0);
    // Some time after the disk was full, until it was no longer.
    const [fromMs, toMs] = [gap.fromUs / 1000 - EPOCH_MS, gap.toUs / 1000 - EPOCH_MS];
    assertGreater(fromMs, FULL_FROM_MS + 2000);
    assert(Math.abs(toMs - FULL_TO_MS) < 1000, `it ends ${toMs} ms after the beginning`);
    assert(Math.abs(gap.ticks - (toMs - fromMs) / 100) < 5, `${gap.ticks} ticks`);
    assertGreater(gap.records, gap.batches - 1);
    const { windows, late } = counted(replayed.store);
    assertEquals(windows + late, lacking.pilots.reduce((sum, { sent }) => sum + sent, 0));
    // The live numbers of its alerts are not given again.
    const ids = (of: typeof replayed.store) => of.rows("alert ").map(({ key }) => Number(key.split(" ").at(-1)));
    assertEquals(ids(replayed.store).filter((id) => id <= gap.lastAlertId), []);
    assertGreater(ids(lacking.system.aggregator.store).filter((id) => id <= gap.lastAlertId).length, 1);
  });
});

describe("an aggregator that dies", () => {
  const little = { disk: "is full", queueBytesMax: 300_000 } as const;
  it("while its journal lacks what it has judged forgets nothing that it acknowledged, and hears all the rest again", async () => {
    const flight = await fly({ ...little, crashMs: 20_000 });
    assertKept(flight);
    assertEquals(flight.system.aggregator.starts, 3);
  });

  it("moments after its journal goes on has a checkpoint of what was judged, and counts on from there", async () => {
    const flight = await fly({ ...little, crashMs: FULL_TO_MS + 1000 });
    assertKept(flight);
    const { core, hasForgotten } = flight.system.aggregator;
    assertEquals([core?.journalView().recovered?.unjournalled, hasForgotten], [[], false]);
  });
});
