// A whole system in one process: drones, two edges, an aggregator, and the connections between them.
import { type AggregatorBug, AggregatorNode } from "./aggregator_node.ts";
import { DroneNode } from "./drone_node.ts";
import { EdgeNode } from "./edge_node.ts";
import { Connection, type LinkSettings, type Listen } from "./network.ts";
import type { World } from "./world.ts";

export interface SystemSettings {
  drones: number;
  edges: number;
  bug: AggregatorBug;
  /** Whether two drones have one id and boot; by default it is left to chance. */
  twins?: boolean;
}

interface Route {
  connection: Connection;
  from: object;
  to: EdgeNode | "aggregator";
}

/** What has broken systems: a mark that decoders drop, separators of keys, the longest, control characters, a prototype's. */
const HOSTILE_IDS = [
  ...["\ufeff", "\ufeffdrone-1", "drone-1", "a|b", "a", "b|a", "a/7/1", "a\nb", "\u0000", "drone-1\u0000"],
  ...["x".repeat(64), "ü".repeat(32), "__proto__", "constructor", " ", "*", "%", "\u202edrone-1", "crewed-"],
];

const LINK: LinkSettings = { delayMsMin: 0.2, delayMsMax: 8, duplicates: 0, reorderings: 0 };

export class System {
  readonly world: World;
  readonly aggregator: AggregatorNode;
  readonly edges: EdgeNode[];
  readonly drones: DroneNode[];
  /** The first two drones have one id and boot. */
  readonly twins: boolean;
  /** Nobody reaches the aggregator. */
  uplinkIsCut = false;
  readonly #uplink: LinkSettings;
  #routes: Route[] = [];

  constructor(world: World, { drones, edges, bug, twins }: SystemSettings) {
    this.world = world;
    this.aggregator = new AggregatorNode(world, bug);
    // One system in three has a proxy in its uplink that repeats and reorders messages.
    const odd = world.random() < 0.33;
    this.#uplink = odd ? { ...LINK, duplicates: 0.05, reorderings: 0.05 } : LINK;
    this.edges = Array.from({ length: edges }, (_, i) => {
      const connect = (from: EdgeNode) => this.#connect(from, "aggregator");
      return new EdgeNode({ world, edgeId: `edge-${i + 1}`, connect });
    });
    // One system in four has drones whose ids somebody chose to do harm, one in four a group that flies side by side.
    const [hostile, abreast] = [world.random() < 0.25, world.random() < 0.25];
    const firstId = world.between(0, HOSTILE_IDS.length - 1);
    const idOf = (i: number) => hostile ? HOSTILE_IDS[(firstId + i) % HOSTILE_IDS.length]! : `drone-${i + 1}`;
    // One in ten has two drones that say they are the same.
    this.twins = twins ?? (drones > 1 && world.random() < 0.1);
    this.drones = Array.from({ length: drones }, (_, i) => {
      // One drone in five has a clock that is hours ahead, or was never set.
      const clockMs = world.random() < 0.8
        ? 1_790_000_000_000 + world.between(-300, 300)
        : world.random() < 0.5
        ? 0
        : 1_790_009_000_000;
      const drone: DroneNode = new DroneNode(world, {
        droneId: idOf(this.twins && i === 1 ? 0 : i),
        clockMs,
        place: abreast ? i : null,
        // Each connection may go to another edge.
        connect: () => this.dial(drone),
      });
      return drone;
    });
  }

  /** A drone's new connection, to any edge. */
  dial(from: object): WebSocket {
    return this.#connect(from, this.edges[this.world.between(0, this.edges.length - 1)]!);
  }

  /** Somebody sets a clock, or a drone tells any time: how far off it may be at most. */
  stepMs = 0;

  /** @returns the step */
  noteStep(ms: number): number {
    this.stepMs = Math.max(this.stepMs, Math.abs(ms));
    return ms;
  }

  async start(): Promise<void> {
    await this.aggregator.start();
    for (const edge of this.edges) await edge.start();
    for (const drone of this.drones) drone.start();
  }

  /** The process is gone, and its sockets with it. */
  crash(node: EdgeNode | AggregatorNode): void {
    for (const { connection, from, to } of this.#open()) {
      if (from === node) connection.abandon(connection.client);
      else if (to === node || (to === "aggregator" && node === this.aggregator)) connection.abandon(connection.server);
    }
    node.crash();
  }

  /** Cuts such connections, each with this probability. */
  cut(which: (route: Route) => boolean, share: number): void {
    for (const route of this.#open()) if (which(route) && this.world.random() < share) route.connection.cut();
  }

  /** Black-holes such connections for good: whoever waits for an answer must notice. */
  swallow(which: (route: Route) => boolean): void {
    for (const route of this.#open()) if (which(route)) route.connection.swallow();
  }

  #open(): Route[] {
    return this.#routes = this.#routes.filter(({ connection }) => !connection.over);
  }

  #connect(from: object, to: EdgeNode | "aggregator"): WebSocket {
    const connection = new Connection(this.world, to === "aggregator" ? this.#uplink : LINK);
    this.#routes.push({ connection, from, to });
    const listen: Listen = (socket) => {
      if (to !== "aggregator") return to.listen(socket);
      return !this.uplinkIsCut && this.aggregator.listen(socket);
    };
    connection.open(listen);
    return connection.client.socket;
  }
}
