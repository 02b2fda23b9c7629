// How long an isolate takes from its start to the first verdict, where files are in the kernel's cache.
import { firstVerdict, ONE_RECORD_ENV } from "../bench/cold_start/first_verdict.ts";
import { NO_PROOF } from "../bench/load_socket.ts";
import { median } from "../bench/comparison.ts";
import type { Hub } from "./hub.ts";
import { Isolate } from "./isolate.ts";
import type { Site } from "./site.ts";

const DRONE_ID = "cold-1";

/** In ms, the median of some starts. */
export async function coldStartMs(site: Site, { hub, starts }: { hub: Hub; starts: number }): Promise<number> {
  const token = await hub.proofs.droneToken(DRONE_ID);
  const tookMs: number[] = [];
  for (let i = 0; i < starts; i++) {
    const port = freePort();
    const beganMs = performance.now();
    const starting = Isolate.start(site, { env: { ...hub.isolateEnv, ...ONE_RECORD_ENV }, port });
    const seen = firstVerdict(port, { droneId: DRONE_ID, proof: { ...NO_PROOF, token } });
    await using _isolate = await starting;
    await seen;
    tookMs.push(performance.now() - beganMs);
  }
  return Math.round(median(tookMs));
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
