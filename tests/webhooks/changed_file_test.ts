import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ChaosSystem } from "../chaos/system.ts";
import { until } from "../e2e/system.ts";
import { Receiver } from "./receiver.ts";
import { TroubledDrones } from "./troubled_drones.ts";

const LIMIT_MS = 60_000;

describe("the file of webhooks", () => {
  it("is used anew while alerts are told, without telling any twice, and is left alone while it is wrong", async () => {
    await using first = new Receiver();
    await using second = new Receiver();
    const folder = await Deno.makeTempDir({ prefix: "slipstream-webhooks-" });
    await using _removed = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
    const path = `${folder}/webhooks.json`;
    const write = (file: string) => Deno.writeTextFile(path, file);
    await write(JSON.stringify({ webhooks: [first.settings("first")] }));
    await using system = await ChaosSystem.start({ aggregatorEnv: { SLIPSTREAM_WEBHOOKS: path } });
    const drones = new TroubledDrones({ url: system.telemetryUrl, drones: 3 });
    const isMore = ({ told }: Receiver, than = told.size) => () => Promise.resolve(told.size > than);
    try {
      await until("the first is told", isMore(first, 0), LIMIT_MS);

      await write(`{"webhooks": [`);
      await until("it is told of the file", async () => (await degradedOf(system)).length > 0, LIMIT_MS);
      assertStringIncludes((await degradedOf(system))[0]!, "Cannot use the new webhooks, the old ones stay");
      await until("the first is still told", isMore(first), LIMIT_MS);

      await write(JSON.stringify({ webhooks: [first.settings("first", { timeoutS: 5 }), second.settings("second")] }));
      await until("the second is told", isMore(second, 0), LIMIT_MS);
      await until("the first is still told", isMore(first), LIMIT_MS);
      assertEquals(await degradedOf(system), []);

      await write(JSON.stringify({ webhooks: [second.settings("second")] }));
      await until("the first is no more", async () => !(await namesOf(system)).includes("first"), LIMIT_MS);
      await until("the second is still told", isMore(second), LIMIT_MS);
      assertEquals([first, second].map(({ told, forged }) => [isRepeated(told), forged]), [[false, 0], [false, 0]]);
    } finally {
      await drones.close();
    }
  });
});

async function degradedOf({ aggregatorUrl }: ChaosSystem): Promise<string[]> {
  const { alerts }: { alerts: { kind: string; detail: string; message: string }[] } =
    await (await fetch(`${aggregatorUrl}/v1/alerts`)).json();
  return alerts.filter(({ kind, detail }) => kind === "degraded" && detail === "webhooks").map(({ message }) =>
    message
  );
}

async function namesOf({ aggregatorUrl }: ChaosSystem): Promise<string[]> {
  const { webhooks }: { webhooks: { name: string }[] } = await (await fetch(`${aggregatorUrl}/v1/webhooks`)).json();
  return webhooks.map(({ name }) => name);
}

function isRepeated(told: Receiver["told"]): boolean {
  return [...told.values()].some((bodies) => bodies.length > 1);
}
