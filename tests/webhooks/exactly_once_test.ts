import { DatabaseSync } from "node:sqlite";
import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { pause } from "../chaos/eventually.ts";
import { ChaosSystem } from "../chaos/system.ts";
import { until } from "../e2e/system.ts";
import { Receiver } from "./receiver.ts";
import { TroubledDrones } from "./troubled_drones.ts";

/** Of each trouble; WEBHOOK_TROUBLE_S=60 makes it as long as the promise says. */
const TROUBLE_MS = Number(Deno.env.get("WEBHOOK_TROUBLE_S") ?? 1) * 1000;
const DRONES = 10;
const LIMIT_MS = 60_000;

/** Keys of every change that every alert has had, as the database says of the alerts themselves; of the system's own none. */
function keysOf(path: string): string[] {
  using db = new DatabaseSync(path, { readOnly: true });
  const rows = db.prepare("SELECT journal, alert_id, json_extract(body, '$.revision') AS last FROM alerts").all();
  return rows.flatMap(({ journal, alert_id, last }) =>
    Array.from({ length: Number(last) }, (_, i) => `${journal}_${alert_id}_${i + 1}`)
  ).sort();
}

const keysTold = ({ told }: Receiver) => [...told.keys()].sort();

describe("a webhook", () => {
  it("that fails, is killed, or answers late is told every alert once by its key, also when the aggregator is killed", async () => {
    await using troubled = new Receiver();
    await using steady = new Receiver();
    await using strict = new Receiver();
    strict.mood = "refusing";
    await using files = await folder();
    const path = `${files.path}/webhooks.json`;
    const webhooks = [
      troubled.settings("troubled", { reminders: true, timeoutS: 1, pauseS: 1 }),
      steady.settings("steady", { reminders: true, format: "cloudevents" }),
      strict.settings("strict", { refusals: 2, kinds: ["obstacle"], pauseS: 1 }),
    ];
    await Deno.writeTextFile(path, JSON.stringify({ webhooks }));
    await using system = await ChaosSystem.start({ aggregatorEnv: { SLIPSTREAM_WEBHOOKS: path } });
    const drones = new TroubledDrones({ url: system.telemetryUrl, drones: DRONES });
    try {
      await until("both are told", () => Promise.resolve(troubled.told.size > 0 && steady.told.size > 0), LIMIT_MS);

      troubled.mood = "failing";
      const before = steady.told.size;
      await pause(TROUBLE_MS);
      await until("who is not in trouble hears more", () => Promise.resolve(steady.told.size > before), LIMIT_MS);
      await system.killAggregator();
      await system.startAggregator();
      await pause(TROUBLE_MS);
      troubled.mood = "well";

      await troubled.die();
      await pause(TROUBLE_MS);
      troubled.mood = "late";
      const early = troubled.told.size;
      troubled.comeBack();
      await until("it was told something, late", () => Promise.resolve(troubled.told.size > early), LIMIT_MS);
      await pause(TROUBLE_MS);
      troubled.mood = "well";

      drones.land();
      await until("all is acknowledged", () => Promise.resolve(drones.unacknowledged === 0), LIMIT_MS);
      await until("all alerts have ended", async () => (await openAlerts(system)).length === 0, LIMIT_MS);
      // Gone without a word: what it had told is not forgotten.
      await system.stopAggregator();
      await system.startAggregator();
      const isToldAll = (receiver: Receiver) => String(keysTold(receiver)) === String(keysOf(system.sqlitePath));
      await until("the steady one is told all", () => Promise.resolve(isToldAll(steady)), LIMIT_MS);
      await until("the troubled one is told all", () => Promise.resolve(isToldAll(troubled)), LIMIT_MS);
      assertGreater(keysTold(troubled).length, 4 * DRONES);
      assertEquals(isRepeated(troubled), true, "what it took late came again, by the same key");
      for (const receiver of [troubled, steady]) {
        assertEquals([...receiver.told.values()].filter((bodies) => new Set(bodies).size > 1), []);
        assertEquals(receiver.forged, 0);
      }

      await until(
        "the strict one has refused everything",
        async () => (await strictOne(system)).waiting === 0,
        LIMIT_MS,
      );
      const { deadLetters } = await webhooksOf(system);
      assertGreater(deadLetters.length, DRONES);
      assertEquals(
        new Set(deadLetters.map(({ webhook, reason, why }) => `${webhook} ${reason} ${why}`)),
        new Set(["strict refused status 404"]),
      );
      const metrics = await (await fetch(`${system.aggregatorUrl}/metrics`)).text();
      assertEquals(/webhook_waiting_changes\{webhook="troubled"\} (\d+)/.exec(metrics)?.[1], "0");
    } finally {
      await drones.close();
    }
  });
});

interface Webhooks {
  webhooks: { name: string; waiting: number }[];
  deadLetters: { webhook: string; reason: string; why: string; key: string }[];
}

async function webhooksOf({ aggregatorUrl }: ChaosSystem): Promise<Webhooks> {
  return await (await fetch(`${aggregatorUrl}/v1/webhooks?limit=1000`)).json();
}

async function strictOne(system: ChaosSystem) {
  const found = (await webhooksOf(system)).webhooks.find(({ name }) => name === "strict");
  if (!found) throw new Error("Cannot find the webhook strict");
  return found;
}

async function openAlerts({ aggregatorUrl }: ChaosSystem): Promise<unknown[]> {
  return (await (await fetch(`${aggregatorUrl}/v1/alerts`)).json()).alerts;
}

function isRepeated({ told }: Receiver): boolean {
  return [...told.values()].some((bodies) => bodies.length > 1);
}

async function folder() {
  const path = await Deno.makeTempDir({ prefix: "slipstream-webhooks-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
