// An upload under the platform's conditions, with one Deno: is all there, does it start, write nothing, keep its promises.
import { coldStartMs } from "./cold.ts";
import type { Hub } from "./hub.ts";
import { missingImports } from "./imports.ts";
import { Isolate, NotStarted } from "./isolate.ts";
import { fill, type Memory } from "./memory.ts";
import type { Problem } from "./problem.ts";
import { evictOne, type Round } from "./round.ts";
import { type Site, warming } from "./site.ts";
import { changes, snapshot } from "./written.ts";

export interface Checked {
  deno: string;
  /** Whether a process could not have written anywhere; else files were compared. */
  isReadOnly: boolean;
  coldStartMs: number;
  memory: Memory;
  rounds: Round[];
  problems: Problem[];
}

export interface CheckSettings {
  hub: Hub;
  drones: number;
  connections: number;
  starts: number;
}

/** Before anything is measured: whether all is uploaded that it imports, and whether it starts and ends, with KV and without. */
export async function look(site: Site, env: Record<string, string>): Promise<Problem[]> {
  const missing = await missingImports(site);
  if (missing.length > 0) return missing;
  try {
    // The platform has a database; here it is in memory.
    const withKv = { ...env, SLIPSTREAM_KV: ":memory:" };
    for (const [where, settings] of [[warming(site), env], [site, env], [site, withKv]] as const) {
      await using isolate = await Isolate.start(where, { env: settings });
      const { code, wasKilled, stderr } = await isolate.evict("SIGINT");
      if (code !== 0 || wasKilled) return [{ name: "broken-promise", text: `it does not end by SIGINT: ${stderr}` }];
    }
    return [];
  } catch (error) {
    if (error instanceof NotStarted) return [error.problem];
    throw error;
  }
}

/** @throws {Error} when it does not even start */
export async function check(site: Site, { hub, drones, connections, starts }: CheckSettings): Promise<Checked> {
  const before = await snapshot(site);
  const problems = await look(site, hub.isolateEnv);
  if (problems.length > 0) throw new Error(problems.map(({ name, text }) => `${name}: ${text}`).join("\n"));
  const rounds: Round[] = [];
  for (const signal of ["SIGINT", "SIGKILL"] as const) rounds.push(await evictOne(site, { hub, signal, drones }));
  const tookMs = await coldStartMs(site, { hub, starts });
  const memory = await fill(site, { hub, connections });
  const written = changes(before, await snapshot(site)).map((path) => ({
    name: "write-to-disk" as const,
    text: `${path} was written`,
  }));
  return {
    ...{ deno: site.version, isReadOnly: site.through.length > 0, coldStartMs: tookMs, memory, rounds },
    problems: [...rounds.flatMap(({ problems }) => problems), ...memory.problems, ...written],
  };
}
