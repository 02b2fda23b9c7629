// Batches that edges left behind which this node does not have any more: it had more of them before, or fewer. The first edge
// takes them over. A batch is copied before it is erased: whatever ends the process in between, it is there at least once,
// and the aggregator counts it once.
import { basename, dirname } from "node:path";
import { isOfNode, memberId } from "../ids/edge_id.ts";
import { memberKv } from "../member/settings.ts";

export interface NodeNow {
  edgeId: string;
  /** SLIPSTREAM_KV. */
  kv: string;
  /** 1: there is no node, the edge has the database and the id as they are. */
  edges: number;
}

const PREFIX = ["slipstream", "backlog"];

/** The databases in which edges of this node may ever have kept something, by path. */
function knownPaths(kv: string, files: Iterable<string>): string[] {
  const name = basename(kv);
  const ends = [...files].filter((file) => file.startsWith(name)).map((file) => file.slice(name.length));
  return [kv, ...ends.filter((end) => /^\.\d+$/.test(end)).map((end) => `${kv}${end}`)];
}

/** Moves what nobody would send to the first edge. @returns how many pieces of batches that were */
export async function adopt({ edgeId, kv, edges }: NodeNow, open: (path: string) => Promise<Deno.Kv>): Promise<number> {
  const ids = Array.from({ length: edges }, (_, i) => edges === 1 ? edgeId : memberId(edgeId, i + 1));
  const homes = new Map(ids.map((id, i) => [id, edges === 1 ? kv : memberKv(kv, i + 1)]));
  const files = kv === "default" ? [] : names(dirname(kv));
  const [firstId = edgeId] = ids;
  using first = await open(homes.get(firstId)!);
  let moved = 0;
  for (const path of knownPaths(kv, files)) {
    using other = path === homes.get(firstId) ? null : await open(path);
    const from = other ?? first;
    for await (const { key, value } of from.list({ prefix: PREFIX })) {
      const [, , id, ...rest] = key;
      if (typeof id !== "string" || !isOfNode(id, edgeId) || homes.get(id) === path) continue;
      await first.set([...PREFIX, firstId, ...rest], value);
      await from.delete(key);
      moved++;
    }
  }
  return moved;
}

function names(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
