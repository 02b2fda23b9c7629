// An aggregator that ends TLS, as a process: tls_aggregator.ts FOLDER, with own.crt, own.key and clients.crt in it.
import { startAggregator } from "../../aggregator/aggregator.ts";
import { readAggregatorConfig } from "../../aggregator/config.ts";
import { systemPlatform } from "../../platform/system.ts";

const [folder] = Deno.args;
const system = systemPlatform("aggregator");
const aggregator = await startAggregator({
  config: { ...readAggregatorConfig({}), port: 0, sqlitePath: ":memory:", journalPath: ":memory:" },
  platform: { ...system, nowUs: () => system.now() * 1000 },
  tls: {
    certificatePath: `${folder}/own.crt`,
    keyPath: `${folder}/own.key`,
    caPath: `${folder}/clients.crt`,
    certificateOptional: false,
    now: system.now,
  },
});
console.log(`listening on ${aggregator.url}`);
