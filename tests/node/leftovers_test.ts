import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { adopt } from "../../edge/node/leftovers.ts";

const backlog = (id: string, ...rest: Deno.KvKey) => ["slipstream", "backlog", id, ...rest];
const ZONE = ["slipstream", "zones", "drone-1"];

/** A folder with a database for each path end, and what is in it. */
async function withDatabases(
  databases: Record<string, Deno.KvKey[]>,
  test: (kv: string, keys: (end: string) => Promise<Deno.KvKey[]>) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const kv = `${folder}/edge.kv`;
  const open = (end: string) => Deno.openKv(`${kv}${end}`);
  try {
    for (const [end, keys] of Object.entries(databases)) {
      using database = await open(end);
      for (const key of keys) await database.set(key, key.join("/"));
    }
    await test(kv, async (end) => {
      using database = await open(end);
      return (await Array.fromAsync(database.list({ prefix: [] }))).map(({ key }) => key);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

describe("batches of edges that are no more", () => {
  it("are the first edge's when there are fewer edges than before", () =>
    withDatabases({
      "": [ZONE],
      ".1": [backlog("edge-1~1", "a", 0)],
      ".2": [backlog("edge-1~2", "b", 0)],
      ".3": [backlog("edge-1~3", "c", 0), backlog("edge-1~3", "c", 1)],
    }, async (kv, keys) => {
      assertEquals(await adopt({ edgeId: "edge-1", kv, edges: 2 }, Deno.openKv), 2);
      assertEquals(await keys(".1"), [
        backlog("edge-1~1", "a", 0),
        backlog("edge-1~1", "c", 0),
        backlog("edge-1~1", "c", 1),
      ]);
      assertEquals(await keys(".2"), [backlog("edge-1~2", "b", 0)]);
      assertEquals([await keys(".3"), await keys("")], [[], [ZONE]]);
    }));

  it("are the only edge's when there is one left, and the first one's when it becomes several", () =>
    withDatabases({ "": [backlog("edge-1", "a", 0), ZONE], ".2": [backlog("edge-1~2", "b", 0)] }, async (kv, keys) => {
      assertEquals(await adopt({ edgeId: "edge-1", kv, edges: 1 }, Deno.openKv), 1);
      assertEquals(await keys(""), [backlog("edge-1", "a", 0), backlog("edge-1", "b", 0), ZONE]);
      assertEquals(await keys(".2"), []);
      assertEquals(await adopt({ edgeId: "edge-1", kv, edges: 2 }, Deno.openKv), 2);
      assertEquals(await keys(".1"), [backlog("edge-1~1", "a", 0), backlog("edge-1~1", "b", 0)]);
      assertEquals(await keys(""), [ZONE]);
    }));

  it("stay where they are when they are of another node's edges", () =>
    withDatabases({ "": [backlog("edge-2", "a", 0), backlog("edge-10~3", "b", 0)] }, async (kv, keys) => {
      assertEquals(await adopt({ edgeId: "edge-1", kv, edges: 2 }, Deno.openKv), 0);
      assertEquals(await keys(""), [backlog("edge-10~3", "b", 0), backlog("edge-2", "a", 0)]);
    }));
});
