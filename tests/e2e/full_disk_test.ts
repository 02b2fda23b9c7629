import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { AlertEvent } from "../../aggregator/outputs.ts";
import { eventually } from "../chaos/eventually.ts";
import { fill } from "../chaos/faults.ts";
import { storedIn } from "../chaos/oracle.ts";
import { Producer } from "../chaos/producer.ts";
import { ChaosSystem } from "../chaos/system.ts";
import { HeadOnPair, type Warned } from "./head_on_pair.ts";
import { runToEnd } from "./process.ts";

/** Each in a batch of its own: what may wait for the journal is full in seconds. */
const DRONES = 12;
const STAGGER_MS = 8;
/** With ticks alone, and two batches a tick. */
const FULL_AFTER_MS_MAX = 40_000;
/** Of a busy machine, beyond what the same pair takes with a disk that is not full. */
const SLOWER_MS_MAX = 400;

describe("a fleet whose journal's disk is full for longer than memory lasts", () => {
  it("is warned as fast, seen to fall silent, and has every record acknowledged and stored once afterwards", async () => {
    const aggregatorEnv = { SLIPSTREAM_JOURNAL_QUEUE_MIB: "1" };
    await using system = await ChaosSystem.start({ journalDiskBytes: 8 << 20, aggregatorEnv });
    const url = system.telemetryUrl;
    const producers = Array.from(
      { length: DRONES },
      (_, i) => new Producer({ name: `full${i}`, drones: 1, url: () => url }),
    );
    const pairs: HeadOnPair[] = [];
    const meet = async (name: string): Promise<Warned> => {
      const pair = new HeadOnPair({ url, name, lonE7: 80_000_000 + 1_000_000 * pairs.length });
      pairs.push(pair);
      assert(await eventually(() => pair.warned !== null), `${name} is not warned`);
      return pair.warned!;
    };
    const alerts = async (): Promise<AlertEvent[]> => {
      return (await (await fetch(`${system.aggregatorUrl}/v1/alerts`)).json()).alerts;
    };
    const isOpen = async (is: (alert: AlertEvent) => boolean) => (await alerts()).some(is);
    try {
      for (const producer of producers) {
        producer.start();
        await new Promise((resolve) => setTimeout(resolve, STAGGER_MS));
      }
      const usual = await meet("usual");

      const filler = system.journalFile("filler");
      await fill(filler);
      const isFull = () => isOpen(({ detail }) => detail === "journal-full");
      assert(await eventually(isFull, FULL_AFTER_MS_MAX), "there is room for all of it");
      const silent = producers[0]!;
      silent.land();
      const warned = await meet("full-disk");
      assertLess(warned.afterMs, usual.afterMs + SLOWER_MS_MAX);
      assertLess(warned.latencyMs, usual.latencyMs + SLOWER_MS_MAX);
      const isLost = ({ kind, droneIds }: AlertEvent) => kind === "link-loss" && droneIds.includes(`${silent.name}-1`);
      assert(await eventually(() => isOpen(isLost)), "its silence is not noticed");
      const conflict = (await alerts()).find(({ kind }) => kind === "conflict")!;
      const headers = { "content-type": "application/json" };
      const init = { method: "POST", headers, body: JSON.stringify({ by: "Ada" }) };
      const response = await fetch(`${system.aggregatorUrl}/v1/alerts/${conflict.alertId}/acknowledge`, init);
      assertEquals(response.status, 503);
      assertStringIncludes((await response.json()).error, "the journal cannot be written");
      await Deno.remove(filler);

      assert(await eventually(async () => !await isFull()), "it has no end");
      for (const one of [...producers, ...pairs]) one.land();
      const all = [...producers, ...pairs];
      assert(
        await eventually(() => all.every(({ unacknowledged }) => unacknowledged === 0)),
        "not all is acknowledged",
      );
      const journal = system.journalFile(".");
      const sent = producers.flatMap((producer) => producer.sent()).sort();
      assertEquals(producers.flatMap(({ name }) => [...storedIn(journal, name)]).sort(), sent);
      assertEquals(["usual", "full-disk"].map((name) => storedIn(journal, name).size), pairs.map(({ sent }) => sent));
      assertEquals(producers.flatMap((producer) => producer.shed()), []);
      const { records } = await system.fleet();
      assertEquals(records.accepted, sent.length + pairs.reduce((sum, { sent }) => sum + sent, 0));

      const replay = ["run", "-A", "--quiet", "aggregator/replay/main.ts", "--journal", journal, "--out", "/dev/null"];
      const { stderr } = await runToEnd(replay);
      assertStringIncludes(stderr, "were judged without being journalled: what follows may differ");
    } finally {
      for (const one of [...producers, ...pairs]) await one.close();
    }
  });
});
