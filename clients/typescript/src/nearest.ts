// Which of several edges a drone is connected to: the nearest of those that answer, by how long a new connection takes to its
// hello. Measured at the start, some time after each connection, now and then, and soon when the edge says that it is cut off
// or says nothing else for long. Edges that are about equally near share the drones.
import { CloseCode } from "../../../proto/words.ts";
import { readDownlink } from "./downlink.ts";

export interface NearestSettings {
  /** URLs of their telemetry sockets; of one there is nothing to choose. */
  edges: readonly string[];
  /** Until the next measurement, on average: after a connection has begun, and else. Each drone waits otherwise. */
  settleMs: number;
  measureMs: number;
  /** An edge that has not said hello by then is not there. */
  helloMsMax: number;
}

export const NEAREST_DEFAULTS: Omit<NearestSettings, "edges"> = {
  settleMs: 20_000,
  measureMs: 300_000,
  helloMsMax: 3000,
};

export interface NearestParts {
  connect: (edge: string) => WebSocket;
  /** ms of a clock that nobody sets. */
  clock: () => number;
  /** 0 to 1. */
  random: () => number;
  /** Runs `fn` after `ms`; the answer cancels it. */
  after: (ms: number, fn: () => void) => () => void;
  /** It is worth while to connect anew: `connect` leads elsewhere now. */
  onNearer: () => void;
}

interface Edge {
  url: string;
  /** Null before it has answered. */
  helloMs: number | null;
  /** It said that it does not reach the aggregator. */
  isCutOff: boolean;
  /** Not tried before that, unless no other is left. */
  awayUntilMs: number;
}

/** An edge that failed, or is stopping, is left alone for so long, unless it answers when it is measured. */
const AWAY_MS = 10_000;
/** What is not nearer by both of these is as near: no drone moves for less. */
const NEARER_SHARE = 0.7;
const NEARER_MS = 10;
/** Of the newest measurement in what is remembered. */
const NEWEST_WEIGHT = 0.5;
const SOON_MS = 2000;
/** Drones that leave one edge together come to the others spread over so long. */
const LEAVE_MS_MAX = 250;

export class Nearest {
  readonly #settings: NearestSettings;
  readonly #parts: NearestParts;
  readonly #edges: Edge[];
  /** Where the latest connection was begun, and where the one that is used leads. */
  #target: Edge | null = null;
  #current: Edge | null = null;
  /** Being measured; each ends its own measurement. */
  readonly #probes = new Set<() => void>();
  #isClosed = false;
  #cancelNext = () => {};
  #cancelLeave = () => {};
  /** Of the first measurement, once one has answered. */
  #cancelFound: (() => void) | null = null;
  #dueMs = Infinity;
  #measuredMs = -Infinity;

  constructor(settings: NearestSettings, parts: NearestParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#edges = settings.edges.map((url) => ({ url, helloMs: null, isCutOff: false, awayUntilMs: -Infinity }));
  }

  /** Where the connection in use leads; null while there is none. */
  get current(): string | null {
    return this.#current?.url ?? null;
  }

  /** `onFound` is called as soon as one has answered, or none has. */
  open(onFound: () => void): void {
    if (this.#edges.length > 1) this.#measure(onFound);
    else onFound();
  }

  /** A connection to the edge that is best now. */
  connect(): WebSocket {
    this.#target = this.#choose();
    return this.#parts.connect(this.#target.url);
  }

  /** The latest connection has opened. */
  opened(): void {
    this.#current = this.#target;
    this.#measureIn(this.#settings.settleMs);
  }

  /** The connection in use, or the one that was to be, is lost; with `normal` another one took over. */
  lost(code: number): void {
    if (code !== CloseCode.normal) this.#avoid(this.#current ?? this.#target);
    this.#current = null;
  }

  /** The latest connection did not come about. */
  refused(): void {
    this.#avoid(this.#target);
  }

  /** What the edge in use says of itself. */
  heard({ cutOff, stopping = false }: { cutOff: boolean; stopping?: boolean }): void {
    const current = this.#current;
    if (!current || this.#edges.length === 1) return;
    current.isCutOff = cutOff;
    if (stopping && current.awayUntilMs < this.#parts.clock()) this.#leave(current);
    else if (cutOff) this.waiting();
  }

  /** The edge in use has had nothing to say for long. */
  waiting(): void {
    const nowMs = this.#parts.clock();
    // Where all edges have to wait for the aggregator, drones do not ask them all the time.
    const ms = Math.max(SOON_MS, this.#measuredMs + this.#settings.settleMs - nowMs);
    if (nowMs + 2 * ms < this.#dueMs) this.#measureIn(ms);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelNext();
    this.#cancelLeave();
    this.#cancelFound?.();
    this.#current = null;
    for (const end of [...this.#probes]) end();
  }

  #avoid(edge: Edge | null): void {
    if (edge) edge.awayUntilMs = this.#parts.clock() + AWAY_MS;
  }

  #leave(edge: Edge): void {
    this.#avoid(edge);
    this.#cancelLeave();
    this.#cancelLeave = this.#parts.after(this.#parts.random() * LEAVE_MS_MAX, () => {
      if (this.#current === edge) this.#parts.onNearer();
    });
  }

  // Of those that are about as near as the nearest any one: together they would fill it.
  #choose(): Edge {
    const nowMs = this.#parts.clock();
    const there = this.#edges.filter(({ awayUntilMs }) => awayUntilMs <= nowMs);
    const good = there.filter(({ isCutOff }) => !isCutOff);
    const [soonest] = this.#edges.toSorted((a, b) => a.awayUntilMs - b.awayUntilMs);
    const some = good.length > 0 ? good : there.length > 0 ? there : [soonest!];
    const nearest = Math.min(...some.map(({ helloMs }) => helloMs ?? Infinity));
    const near = some.filter((edge) => isAsNear(edge, nearest));
    if (this.#current && near.includes(this.#current)) return this.#current;
    return near[Math.min(near.length - 1, Math.floor(this.#parts.random() * near.length))]!;
  }

  #measureIn(ms: number): void {
    if (this.#edges.length === 1 || this.#isClosed) return;
    this.#cancelNext();
    const waitMs = ms * (0.5 + this.#parts.random());
    this.#dueMs = this.#parts.clock() + waitMs;
    this.#cancelNext = this.#parts.after(waitMs, () => this.#measure());
  }

  #measure(onFound = () => {}): void {
    this.#cancelNext();
    this.#cancelFound = null;
    this.#dueMs = this.#measuredMs = this.#parts.clock();
    let left = this.#edges.length;
    let isFound = false;
    const found = () => {
      this.#cancelFound?.();
      if (!isFound) onFound();
      isFound = true;
    };
    for (const edge of this.#edges) {
      this.#probe(edge, (tookMs) => {
        // Those that are about as near have their chance.
        if (tookMs !== null) this.#cancelFound ??= this.#parts.after(asNearMs(tookMs) - tookMs, found);
        if (--left > 0) return;
        found();
        // Unless a connection has begun meanwhile.
        if (this.#dueMs <= this.#measuredMs) this.#measureIn(this.#settings.measureMs);
        this.#judge();
      });
    }
  }

  #probe(edge: Edge, onEnd: (tookMs: number | null) => void): void {
    const { connect, clock, after } = this.#parts;
    const sinceMs = clock();
    const socket = connect(edge.url);
    socket.binaryType = "arraybuffer";
    const over = () => {
      cancel();
      this.#probes.delete(over);
      socket.onmessage = socket.onclose = null;
      socket.onerror = () => {};
      socket.close(CloseCode.normal);
    };
    const failed = () => {
      over();
      this.#avoid(edge);
      onEnd(null);
    };
    const cancel = after(this.#settings.helloMsMax, failed);
    this.#probes.add(over);
    socket.onclose = socket.onerror = failed;
    socket.onmessage = ({ data }) => {
      const body = data instanceof ArrayBuffer ? readDownlink(new Uint8Array(data)) : null;
      if (body?.case !== "hello") return failed();
      over();
      const tookMs = clock() - sinceMs;
      edge.helloMs = edge.helloMs === null ? tookMs : edge.helloMs + (tookMs - edge.helloMs) * NEWEST_WEIGHT;
      edge.isCutOff = body.value.cutOff;
      edge.awayUntilMs = -Infinity;
      onEnd(tookMs);
    };
  }

  #judge(): void {
    const current = this.#current;
    if (!current) return;
    const nowMs = this.#parts.clock();
    const others = this.#edges.filter((edge) => edge !== current && edge.awayUntilMs <= nowMs && !edge.isCutOff);
    const nearest = Math.min(...others.map(({ helloMs }) => helloMs ?? Infinity));
    const isThere = current.awayUntilMs <= nowMs && !current.isCutOff;
    if (others.length > 0 && !(isThere && isAsNear(current, nearest))) this.#parts.onNearer();
  }
}

/** What an edge may take that is about as near as one that takes `nearestMs`. */
function asNearMs(nearestMs: number): number {
  return Math.max(nearestMs / NEARER_SHARE, nearestMs + NEARER_MS);
}

function isAsNear({ helloMs }: Edge, nearestMs: number): boolean {
  return (helloMs ?? Infinity) <= asNearMs(nearestMs);
}
