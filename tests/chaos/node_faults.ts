// What happens to one edge of several that share a port.
import { until } from "../e2e/system.ts";
import { statusOf } from "../node/rig.ts";
import type { ChaosSystem } from "./system.ts";

/** Ends one edge so, another when it has come back, and so on; each time while the others go on. */
export function endEdgesInTurn(signal: "SIGKILL" | "SIGTERM") {
  return async (system: ChaosSystem, { ms: ends }: { ms: number }): Promise<void> => {
    for (let i = 0; i < ends; i++) {
      const status = await statusOf(system.edgeUrl);
      const { pid } = status.edges[i % status.edges.length]!;
      Deno.kill(pid, signal);
      await until("the edge that was ended is back", async () => {
        const now = await statusOf(system.edgeUrl).catch(() => null);
        return now !== null && now.edges.every((edge) => edge.state === "answers" && edge.pid !== pid);
      });
    }
  };
}
