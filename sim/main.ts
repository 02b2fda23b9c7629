// The fleet alone, against an edge that runs already: `deno task sim`.
import { isWebSocketUrl, list, oneOf, text, webSocketUrl } from "../platform/kinds.ts";
import { optionsOf, UsageError } from "../platform/options.ts";
import { systemPlatform } from "../platform/system.ts";
import { FleetProofs, PROOF_KINDS } from "./fleet_proofs.ts";
import { loadPlan, TRAFFIC } from "./options.ts";
import { protocolOption } from "./protocols.ts";
import { Run } from "./run.ts";

const proof = oneOf(PROOF_KINDS, { fallback: "certificate", about: `with --pki, by what: ${PROOF_KINDS.join(", ")}` });
const options = optionsOf({
  ...TRAFFIC,
  name: "deno task sim",
  about: "A simulated or recorded fleet, against an edge that runs already.",
  options: {
    url: webSocketUrl({ fallback: "ws://127.0.0.1:8787/v1/telemetry", about: "the edge's telemetry socket" }),
    protocol: protocolOption("the drones"),
    edges: list({
      ...{ fallback: null, placeholder: "URL,URL…", shown: "that of --url" },
      about: "of several edges: each drone is connected to the nearest that answers",
      ...{ fits: isWebSocketUrl, must: "be ws:// or wss:// URLs" },
    }),
    pki: text({ fallback: null, placeholder: "DIR", about: "each drone proves who it is, by the PKI in that folder" }),
    proof,
    ...TRAFFIC.options,
  },
  rules: ({ url, edges, pki, ...traffic }) => [
    ...TRAFFIC.rules(traffic),
    ...pki !== null && !(edges ?? [url]).every((each) => each.startsWith("wss:"))
      ? ["--pki goes with URLs of wss://"]
      : [],
  ],
});

async function main(): Promise<number> {
  const platform = systemPlatform("sim");
  const plan = await loadPlan(options, Math.floor(platform.now() / 1000));
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, onSignal);
  const { url, protocol, pki, seconds, prompt } = options;
  const edges = options.edges ?? [url];
  const droneIds = plan.drones.map(({ droneId }) => droneId);
  const proofs = pki === null ? null : await FleetProofs.open({ folder: pki, kind: options.proof, droneIds, platform });
  const run = new Run({ url, protocol, edges, plan, proofs, seconds, signal: stop.signal, prompt, platform });
  try {
    await run.connect();
    if (!options.json) console.log(`${plan.drones.length} drones connected to ${edges.join(", ")}`);
    const timer = setInterval(() => {
      const { sent, acknowledged, unacknowledged } = run.summary();
      if (!options.json) {
        const spread = edges.length > 1
          ? `; drones by edge: ${edges.map((url) => run.spread[url] ?? 0).join(", ")}`
          : "";
        console.log(`${sent.records} records, ${acknowledged} acknowledged, ${unacknowledged} not yet${spread}`);
      }
    }, 1000);
    await run.send();
    clearInterval(timer);
    const summary = run.summary();
    await run.close();
    console.log(options.json ? JSON.stringify(summary) : JSON.stringify(summary, null, 2));
    return summary.unacknowledged === 0 ? 0 : 1;
  } finally {
    proofs?.close();
    for (const name of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(name, onSignal);
  }
}

try {
  Deno.exit(await main());
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(error.message);
  Deno.exit(error instanceof UsageError ? 2 : 1);
}
