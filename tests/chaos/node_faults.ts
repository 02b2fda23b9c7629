// What happens to one edge of several that share a port.
import { until } from "../e2e/system.ts";
import { statusOf } from "../node/rig.ts";
import type { ChaosSystem } from "./system.ts";

/** Kills one edge, another when it has come back, and so on; each time while the others go on. */
export async function killEdgesInTurn(system: ChaosSystem, { ms: kills }: { ms: number }): Promise<void> {
  for (let i = 0; i < kills; i++) {
    const status = await statusOf(system.edgeUrl);
    const { pid } = status.edges[i % status.edges.length]!;
    Deno.kill(pid, "SIGKILL");
    await until("the edge that was killed is back", async () => {
      const now = await statusOf(system.edgeUrl).catch(() => null);
      return now !== null && now.edges.every((edge) => edge.state === "answers" && edge.pid !== pid);
    });
  }
}
