// Edges at distances that a test sets, in virtual time, and a drone that chooses among them.
import { create, toBinary } from "@bufbuild/protobuf";
import { DroneDownlinkSchema } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { DEFAULT_CLIENT_SETTINGS } from "../../clients/typescript/src/drone_client.ts";
import { Nearest, NEAREST_DEFAULTS } from "../../clients/typescript/src/nearest.ts";
import { FakeSocket } from "./fake_socket.ts";

/** What one edge is like. */
export interface EdgeState {
  /** Until its hello; null: it never answers. */
  helloMs: number | null;
  cutOff?: boolean;
}

interface Timer {
  atMs: number;
  fn: () => void;
}

export class NearestRig {
  nowMs = 0;
  readonly edges: Record<string, EdgeState>;
  /** Where connections were begun, in order. */
  readonly connected: string[] = [];
  readonly sockets: FakeSocket[] = [];
  /** How often it was worth while to move. */
  moves = 0;
  readonly nearest: Nearest;
  readonly #timers = new Set<Timer>();

  constructor(edges: Record<string, EdgeState>, { random = () => 0.5 }: { random?: () => number } = {}) {
    this.edges = edges;
    this.nearest = new Nearest({ ...NEAREST_DEFAULTS, edges: Object.keys(edges) }, {
      connect: (edge) => this.#connect(edge),
      clock: () => this.nowMs,
      random,
      after: (ms, fn) => this.#after(ms, fn),
      onNearer: () => {
        this.moves++;
        this.use();
      },
    });
  }

  /** Measures, and connects to what was found. @returns where that leads */
  start(): string | null {
    this.nearest.open(() => this.use());
    this.pass(NEAREST_DEFAULTS.helloMsMax);
    return this.nearest.current;
  }

  /** A connection begins, and is there at once. */
  use(): void {
    this.nearest.connect();
    this.nearest.opened();
  }

  /** The connection ends, and another one is there a moment later. @returns where that leads */
  lose(code: number): string | null {
    this.nearest.lost(code);
    this.pass(DEFAULT_CLIENT_SETTINGS.backoffMinMs);
    this.use();
    return this.nearest.current;
  }

  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let due; (due = [...this.#timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]);) {
      this.#timers.delete(due);
      this.nowMs = due.atMs;
      due.fn();
    }
    this.nowMs = untilMs;
  }

  get timers(): number {
    return this.#timers.size;
  }

  #after(ms: number, fn: () => void): () => void {
    const timer = { atMs: this.nowMs + ms, fn };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  #connect(edge: string): WebSocket {
    const socket = new FakeSocket();
    const { helloMs, cutOff = false } = this.edges[edge]!;
    this.connected.push(edge);
    this.sockets.push(socket);
    if (helloMs !== null) {
      this.#after(helloMs, () => {
        if (socket.readyState === WebSocket.CLOSED) return;
        socket.accept();
        const hello = create(DroneDownlinkSchema, { body: { case: "hello", value: { cutOff } } });
        socket.onmessage?.({ data: toBinary(DroneDownlinkSchema, hello).buffer });
      });
    }
    return socket.socket;
  }
}
