// deno task erase: removes a drone from everything that an aggregator keeps: a running one is asked to, and where one is
// stopped, its files are told.
import { dirname } from "node:path";
import { text } from "../../../platform/kinds.ts";
import { optionsOf } from "../../../platform/options.ts";
import { keptKey, randomKey } from "../../../platform/pseudonyms.ts";
import { systemPlatform } from "../../../platform/system.ts";
import { startAggregator } from "../../aggregator.ts";
import { configOf, DRONE, needsDrone, PLACES, run } from "../places.ts";

const options = optionsOf({
  name: "deno task erase",
  about:
    "Erases a drone: asks the running aggregator, or, with --sqlite or --journal, tells the files of a stopped one.",
  options: {
    drone: DRONE,
    by: text({ fallback: "deno task erase", placeholder: "NAME", about: "who wants it" }),
    url: text({ fallback: "http://127.0.0.1:8788", placeholder: "URL", about: "the running aggregator" }),
    ...PLACES,
  },
  rules: needsDrone,
});

await run(() => options.sqlite === null && options.journal === null ? ask() : eraseHere());

async function ask(): Promise<void> {
  const { drone, by, url } = options;
  const path = `${url}/v1/drones/${encodeURIComponent(drone ?? "")}/erase`;
  const headers = { "content-type": "application/json" };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify({ by }) }).catch((cause) => {
    throw new Error(`Cannot ask the aggregator at ${url}: ${cause.message}`, { cause });
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  console.log(response.status === 200 ? `erased; the log calls it ${answer.name}` : `being erased: ${answer.name}`);
}

/** A whole aggregator, for as long as it takes, that no edge knows of. */
async function eraseHere(): Promise<void> {
  const config = { ...configOf(Deno.env.toObject(), options), host: "127.0.0.1", port: 0 };
  const { pseudonymKeyPath } = config;
  if (pseudonymKeyPath !== null) Deno.mkdirSync(dirname(pseudonymKeyPath), { recursive: true });
  const pseudonymKey = pseudonymKeyPath === null ? randomKey() : keptKey(pseudonymKeyPath);
  const system = systemPlatform("erase", { pseudonymKey });
  const aggregator = await startAggregator({ config, platform: { ...system, nowUs: () => system.now() * 1000 } });
  const droneId = options.drone ?? "";
  const name = system.pseudonym(droneId);
  const erasing = await aggregator.erase({ droneId, name }).finally(() => aggregator.stop());
  if (erasing !== "done") {
    throw new Error(`Cannot erase ${name}: ${erasing}; start the aggregator, which goes on with it`);
  }
  console.log(`erased; the log calls it ${name}`);
}
