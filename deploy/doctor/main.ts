// deno task doctor: looks at a running system from outside, and says what is wrong and how it is mended, in one line each.
import { optionsOf, UsageError } from "../../platform/options.ts";
import { systemPlatform } from "../../platform/system.ts";
import { Asking } from "./asking.ts";
import { validityAt } from "./certificate.ts";
import { examine } from "./exam.ts";
import { DOCTOR, type DoctorOptions } from "./options.ts";
import type { Place } from "./place.ts";
import { proofsOf } from "./proofs.ts";
import { isHealthy, linesOf, reportOf } from "./report.ts";

async function main(options: DoctorOptions): Promise<number> {
  const now = () => Date.now();
  const platform = systemPlatform("doctor", { now });
  const run = crypto.randomUUID().slice(0, 8);
  const { token, ca, probes } = await proofsOf(options, { now, run });
  using client = Deno.createHttpClient(ca === null ? {} : { caCerts: [ca] });
  const asking = new Asking({ fetch: (url, init) => fetch(url, { ...init, client }), token, now });
  const place = (kind: Place["kind"], url: string): Place => ({ kind, url: url.replace(/\/+$/, "") });
  const findings = await examine({
    ...{ asking, validityAt, platform, probes },
    edges: options.edge.map((url) => place("edge", url)),
    aggregator: place("aggregator", options.aggregator),
    needsKv: options["needs-kv"],
    diskMibMin: options["disk-mib"],
  });
  console.log(options.json ? JSON.stringify(reportOf(findings)) : linesOf(findings).join("\n"));
  return isHealthy(findings) ? 0 : 1;
}

try {
  Deno.exit(await main(optionsOf(DOCTOR)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  Deno.exit(2);
}
