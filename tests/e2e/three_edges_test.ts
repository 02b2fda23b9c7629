import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeBatch } from "../../aggregator/batch/columns.ts";
import { loadDecompress } from "../../aggregator/batch/decompress.ts";
import { systemPlatform } from "../../platform/system.ts";
import { DEFAULT_CLIENT_SETTINGS, DroneClient } from "../../clients/typescript/src/drone_client.ts";
import { FaultProxy } from "../chaos/fault_proxy.ts";
import { eventually } from "../chaos/eventually.ts";
import { record } from "../chaos/producer.ts";
import { type FakeAggregator, type Rig, withEdge } from "../edge/rig.ts";

const DRONES = 20;
const PERIOD_MS = 50;
const SLOW_MS = 150;
/** So that a test sees what takes minutes in the field. */
const QUICK = { settleMs: 300, measureMs: 600, backoffMinMs: 100 };

const decompress = await loadDecompress();

/** Drones that measure all the time, and how many are connected to each edge. */
class Fleet {
  readonly #edges: string[];
  readonly #drones: { droneId: string; seq: number; client: DroneClient }[];
  readonly #timer: ReturnType<typeof setInterval>;
  lost = 0;

  constructor(edges: string[]) {
    this.#edges = edges;
    this.#drones = Array.from({ length: DRONES }, (_, i) => {
      const droneId = `d${i + 1}`;
      const client = new DroneClient(
        { ...DEFAULT_CLIENT_SETTINGS, ...QUICK, identity: { droneId, bootId: 1 }, edges },
        {
          ...systemPlatform("sim"),
          connect: (edge) => new WebSocket(edge, "slipstream.v1"),
          onLost: (seqs) => this.lost += seqs.length,
        },
      );
      client.open();
      return { droneId, seq: 0, client };
    });
    this.#timer = setInterval(() => {
      for (const drone of this.#drones) drone.client.send([record(drone, "battery")]);
    }, PERIOD_MS);
  }

  spread(): number[] {
    return this.#edges.map((url) => this.#drones.filter(({ client }) => client.edge === url).length);
  }

  unacknowledged(): number {
    return this.#drones.reduce((sum, { client }) => sum + client.unacknowledged, 0);
  }

  /** drone/seq of everything that was sent. */
  sent(): string[] {
    return this.#drones.flatMap(({ droneId, seq }) => Array.from({ length: seq }, (_, i) => `${droneId}/${i + 1}`));
  }

  land(): void {
    clearInterval(this.#timer);
  }

  async close(): Promise<void> {
    this.land();
    await Promise.all(this.#drones.map(({ client }) => client.close()));
  }
}

/** drone/seq of everything that an edge handed over. */
function arrived({ batches }: FakeAggregator): string[] {
  const names = new Map<number, string>();
  return batches.flatMap((sealed) => {
    for (const { slot, droneId } of sealed.slots) names.set(slot, droneId);
    const opened = decompress(sealed);
    if ("malformed" in opened) throw new Error(opened.malformed);
    const { batteries: { count, slot, seq } } = decodeBatch(opened.raw);
    return Array.from({ length: count }, (_, i) => `${names.get(slot[i]!)}/${seq[i]}`);
  });
}

describe("drones that know three edges, one of them far away", () => {
  it("stay with the near ones, leave one that stops before it does, and go far when nothing nearer is left", async () => {
    await withEdge(
      { edgeId: "far" },
      (far) =>
        withEdge({ edgeId: "near" }, (near) => withEdge({ edgeId: "nearer" }, (nearer) => fly({ far, near, nearer }))),
    );
  });
});

async function fly({ far, near, nearer }: { far: Rig; near: Rig; nearer: Rig }): Promise<void> {
  await using slow = new FaultProxy(() => Number(new URL(far.url).port));
  slow.fault = { delayMs: SLOW_MS };
  const rigs = [far, near, nearer];
  const urls = [`http://127.0.0.1:${slow.port}`, near.url, nearer.url]
    .map((url) => `${url.replace("http", "ws")}/v1/telemetry`);
  const fleet = new Fleet(urls);
  const comes = async (what: string, isSo: (spread: number[]) => boolean) => {
    assertEquals(await eventually(() => isSo(fleet.spread())), true, `${what}: ${fleet.spread()}`);
  };
  try {
    await comes("all near", ([, a, b]) => a! + b! === DRONES);
    const [, onNear] = fleet.spread();
    const stopped = near.edge.stop(4000);
    await comes("all at the other near one", ([, , b]) => b === DRONES);
    await stopped;
    if (onNear! > 0) assertGreater(arrived(near.aggregator).length, 0);
    // It dies: nothing is said.
    await nearer.edge.stop(0);
    await comes("all far away", ([a]) => a === DRONES);
    fleet.land();
    assertEquals(await eventually(() => fleet.unacknowledged() === 0), true);
    const all = new Set(rigs.flatMap(({ aggregator }) => arrived(aggregator)));
    assertEquals([fleet.sent().filter((one) => !all.has(one)), fleet.lost], [[], 0]);
  } finally {
    await fleet.close();
  }
}
