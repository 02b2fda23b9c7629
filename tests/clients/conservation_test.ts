// Both packages, as they are installed, against a real edge and aggregator: the drone's software and the edge are killed at
// random, and what was promised is kept.
import { assert, assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { storedIn } from "../chaos/oracle.ts";
import { ChaosSystem } from "../chaos/system.ts";
import { until } from "../e2e/system.ts";
import { Flyer } from "./flyer.ts";
import { hasPython } from "./installed.ts";
import { inNode, inPython } from "./languages.ts";
import { Random } from "../../sim/random.ts";

const LIVES = 3;
const LIFE_MS_MAX = 900;
/** What a program may have handed over when it was killed, before it had said so. */
const UNSAID = 2;

async function countedOf({ aggregatorUrl }: ChaosSystem, droneId: string): Promise<number> {
  const response = await fetch(`${aggregatorUrl}/v1/drones/${droneId}`);
  return (await response.json()).records;
}

/** Everything of this drone that is stored is counted, once. @returns what is stored */
async function storedAndCountedOnce(system: ChaosSystem, droneId: string): Promise<Set<string>> {
  let stored = new Set<string>();
  await until(`what is stored of ${droneId} is counted`, async () => {
    stored = storedIn(system.journalPath, droneId.split("-")[0]!);
    return await countedOf(system, droneId) === stored.size;
  });
  return stored;
}

/** Numbers by boot. */
function byBoot(records: Iterable<string>): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const record of records) {
    const [, boot = "", seq] = record.split("/");
    found.set(boot, [...found.get(boot) ?? [], Number(seq)]);
  }
  return found;
}

interface Flown {
  hasOutbox: boolean;
  /** Of the edge's URL, where frames go by another way. */
  path?: string;
}

async function keepsItsPromises(program: typeof inNode, { hasOutbox, path }: Flown): Promise<void> {
  const seed = Math.floor(Math.random() * 2 ** 32);
  console.log(`seed ${seed}`);
  const random = new Random(seed);
  const folder = await Deno.makeTempDir({ prefix: "slipstream-flyer-" });
  await using system = await ChaosSystem.start();
  const outbox = hasOutbox ? `${folder}/outbox` : null;
  const flyer = new Flyer({
    droneId: "flyer-1",
    outbox,
    edge: () => path === undefined ? system.telemetryUrl : new URL(path, system.telemetryUrl).href,
    ...await program("flyer", folder),
  });
  try {
    for (let life = 0; life < LIVES; life++) {
      flyer.start();
      const before = flyer.acknowledged.size;
      // A slow machine has its time: something is acknowledged in each life, and something is not yet when it ends.
      await until("something is acknowledged", () => Promise.resolve(flyer.acknowledged.size > before), 60_000);
      await new Promise((resolve) => setTimeout(resolve, random.unit() * LIFE_MS_MAX));
      if (life === 1) {
        await system.killEdge();
        await new Promise((resolve) => setTimeout(resolve, random.unit() * LIFE_MS_MAX));
        await system.startEdge();
      }
      await flyer.kill();
    }
    flyer.start();
    const before = flyer.acknowledged.size;
    await until("something is acknowledged", () => Promise.resolve(flyer.acknowledged.size > before), 60_000);
    await flyer.land();

    const stored = await storedAndCountedOnce(system, "flyer-1");
    assertEquals(flyer.lives, LIVES + 1);
    assertEquals([...flyer.lost], []);
    assertGreater(flyer.acknowledged.size, 20 * LIVES);
    assertEquals([...flyer.acknowledged].filter((record) => !stored.has(record)), []);
    const [sentBy, storedBy] = [byBoot(flyer.sent), byBoot(stored)];
    assertEquals([...storedBy.keys()].sort(), [...sentBy.keys()].sort());
    for (const [boot, seqs] of storedBy) {
      assert(
        Math.max(...seqs) <= Math.max(...sentBy.get(boot)!) + UNSAID,
        `${boot}: ${Math.max(...seqs)} was never sent`,
      );
    }
    if (!hasOutbox) return assertEquals(storedBy.size, LIVES + 1);
    // Whoever was killed in between: one boot, and every number that was given is there.
    assertEquals(storedBy.size, 1);
    const [seqs = []] = storedBy.values();
    assertEquals(seqs.sort((a, b) => a - b), Array.from(seqs, (_, i) => i + 1));
    assertEquals([...flyer.sent].filter((record) => !stored.has(record)), []);
  } finally {
    await flyer.kill();
    await Deno.remove(folder, { recursive: true });
  }
}

describe("a client whose drone's software is killed, and whose edge is", () => {
  for (const hasOutbox of [true, false]) {
    const where = hasOutbox
      ? "with its outbox on disk loses nothing that it took"
      : "without one keeps what it promised";
    it(`${where}, and doubles nothing: TypeScript, in Node`, () => keepsItsPromises(inNode, { hasOutbox }));
    it(
      `${where}, and doubles nothing: Python`,
      { ignore: !hasPython },
      () => keepsItsPromises(inPython, { hasOutbox }),
    );
  }

  it("by MQTT with its outbox on disk loses nothing that it took, and doubles nothing: TypeScript, in Node", () =>
    keepsItsPromises(inNode, { hasOutbox: true, path: "/mqtt" }));

  it(
    "by MQTT with its outbox on disk loses nothing that it took, and doubles nothing: Python",
    { ignore: !hasPython },
    () => keepsItsPromises(inPython, { hasOutbox: true, path: "/mqtt" }),
  );
});
