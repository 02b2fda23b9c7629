// Memory of an isolate with as many connections as it takes.
import { rssKib } from "../e2e/proc.ts";
import { type LoadSocket, NO_PROOF, openSocket } from "../bench/load_socket.ts";
import type { Hub } from "./hub.ts";
import { Isolate } from "./isolate.ts";
import type { Problem } from "./problem.ts";
import type { Site } from "./site.ts";

export interface Memory {
  connections: number;
  /** Resident, before and with them. */
  idleMib: number;
  mib: number;
  problems: Problem[];
}

/** Connections that one proof may have at a time. */
const PER_PROOF = 8;
const AT_ONCE = 64;
const SETTLE_MS = 1500;

export async function fill(site: Site, { hub, connections }: { hub: Hub; connections: number }): Promise<Memory> {
  await using isolate = await Isolate.start(site, { env: hub.isolateEnv });
  const tokens: string[] = [];
  for (let i = 0; i < connections / PER_PROOF; i++) tokens.push(await hub.proofs.droneToken(`memory-${i}`));
  const url = new URL(`${isolate.url}/v1/telemetry`);
  const idleMib = await mibOf(isolate.pid);
  const open: LoadSocket[] = [];
  try {
    let next = 0;
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      while (next < connections) {
        const token = tokens[Math.floor(next++ / PER_PROOF)]!;
        open.push(await openSocket(url, { ...NO_PROOF, token }));
      }
    }));
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const mib = await mibOf(isolate.pid);
    const { memoryLimit } = site.upload.block.runtime;
    const isOver = !(mib <= memoryLimit);
    const text = `${mib} MiB with ${connections} connections: the limit is ${memoryLimit} MB`;
    return { connections, idleMib, mib, problems: isOver ? [{ name: "broken-promise", text }] : [] };
  } finally {
    for (const { connection } of open) connection.close();
  }
}

async function mibOf(pid: number): Promise<number> {
  return Math.round(await rssKib(pid) / 1024);
}
