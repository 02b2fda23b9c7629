// An edge as one process of the simulated system.
import { type EdgeConfig, readEdgeConfig } from "../../edge/config.ts";
import { createEdge, type Edge } from "../../edge/edge.ts";
import type { World } from "./world.ts";

export interface EdgeNodeParts {
  world: World;
  edgeId: string;
  /** A new connection to the aggregator. */
  connect: (from: EdgeNode) => WebSocket;
}

/** Counters that the edge shows at /v1/status. */
export interface EdgeCounts {
  received: number;
  forwarded: number;
  duplicate: number;
  nearDuplicate: number;
  malformed: number;
  refused: number;
  shed?: number;
}

export class EdgeNode {
  readonly edgeId: string;
  readonly #parts: EdgeNodeParts;
  /** Its wall clock against the world's. */
  clockMs = 1_790_000_000_000;
  #edge: Edge | null = null;
  #process = 0;
  #timers: (() => void)[] = [];

  constructor(parts: EdgeNodeParts) {
    this.#parts = parts;
    this.edgeId = parts.edgeId;
  }

  get running(): boolean {
    return this.#edge !== null;
  }

  async start(): Promise<void> {
    if (this.#edge) return;
    const process = ++this.#process;
    const { world, connect } = this.#parts;
    const alive = () => process === this.#process && this.#edge !== null;
    const own = (cancel: () => void) => {
      this.#timers.push(cancel);
      return cancel;
    };
    const config: EdgeConfig = { ...readEdgeConfig({}), edgeId: this.edgeId };
    const edge = await createEdge(config, {
      now: () => this.clockMs + world.nowMs,
      clock: () => world.nowMs,
      random: world.random,
      fillRandom: (bytes) => {
        for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(world.random() * 256);
      },
      after: (ms, fn) => own(world.after(ms, () => alive() ? fn() : undefined)),
      soon: (fn) => void own(world.after(0, () => alive() ? fn() : undefined)),
      every: (ms, fn) => own(world.every(ms, () => alive() ? fn() : undefined)),
      connect: () => connect(this),
      log: () => {},
      pseudonym: (id) => id,
    });
    this.#edge = edge;
    edge.start();
  }

  crash(): void {
    for (const cancel of this.#timers.splice(0)) cancel();
    this.#process++;
    this.#edge = null;
  }

  /** A drone connects. */
  listen(socket: WebSocket): boolean {
    this.#edge?.accept(socket);
    return this.#edge !== null;
  }

  async counts(): Promise<EdgeCounts | null> {
    if (!this.#edge) return null;
    const { records } = await (await this.#edge.app.request("/v1/status")).json();
    return records;
  }
}
