// A drone, as its own software has it: numbers what it measures, keeps it until an edge has it on disk, and hears warnings.
import type { Alert } from "../../../proto/gen/slipstream/v1/alert_pb.ts";
import { CloseCode, DRONE_ID_BYTES_MAX } from "../../../proto/words.ts";
import { Awaited } from "./awaited.ts";
import { checkText, checkWhole, UINT32 } from "./bounds.ts";
import type { ClientCounters } from "./client_parts.ts";
import type { LossReason } from "./downlink.ts";
import { DEFAULT_CLIENT_SETTINGS, DroneClient } from "./drone_client.ts";
import { FRAME_LIMITS } from "./frame.ts";
import { type Measurement, recordsOf } from "./measurement.ts";
import { EdgeRefusal, FieldError, LossError } from "./problem.ts";
import type { RecordStore } from "./record_store.ts";
import { Tokens, type TokenSource } from "./tokens.ts";

export interface DroneSettings {
  /** 1 to 64 bytes of UTF-8. */
  droneId: string;
  /** URLs, ws: or wss:, each ending in /v1/telemetry; the nearest that answers is used. */
  edges: readonly string[];
  /** The formation it flies in, at most 64 bytes of UTF-8; by default none. */
  group?: string;
  /** Asked for a token before the first connection, and whenever another is needed. */
  token?: TokenSource;
  /** Records kept at most until they are acknowledged, 4,096 by default; beyond it the oldest are given up. */
  recordsMax?: number;
  /** A warning, once for each alert and revision; it is acknowledged by itself. */
  onAlert?: (alert: Alert) => void;
  /** These will never be acknowledged. */
  onLost?: (seqs: readonly number[], reason: LossReason) => void;
  /** These are on disk. */
  onAcknowledged?: (seqs: readonly number[]) => void;
  /** An EdgeRefusal, or why there is no token, or why records cannot be kept in a file. It goes on trying by itself. */
  onProblem?: (problem: Error) => void;
}

/** An edge that answered a handshake with something else than a connection. */
export interface Refused {
  status: number;
  /** How long it asks to be left alone; 0: it does not say. */
  retryAfterMs: number;
  said: string;
}

/** What a drone needs of the world. */
export interface DroneParts {
  connect: (edge: string, token: string | null, onRefused: (refused: Refused) => void) => WebSocket;
  store: RecordStore;
  /** Unix ms. */
  now: () => number;
  /** ms of a clock that nobody sets. */
  clock: () => number;
  /** 0 to 1. */
  random: () => number;
  /** Runs `fn` after `ms`; the answer cancels it. */
  after: (ms: number, fn: () => void) => () => void;
}

const ABNORMAL = 1006;
/** However long an edge asks for. */
const LEFT_ALONE_MS_MAX = 60_000;

export class Drone {
  /** Records are known by the drone's id, this, and their number. */
  readonly bootId: number;
  readonly #settings: DroneSettings;
  readonly #parts: DroneParts;
  readonly #client: DroneClient;
  readonly #tokens: Tokens | null;
  readonly #awaited = new Awaited();
  #seq: number;
  #isOpen = false;
  #leaveAloneUntilMs = -Infinity;
  /** Why the latest connection did not come about was told already. */
  #isTold = false;

  /** Connects, and goes on. @throws {FieldError} naming the setting that cannot be used */
  constructor(settings: DroneSettings, parts: DroneParts) {
    checkSettings(settings);
    this.#settings = settings;
    this.#parts = parts;
    const { droneId, group, edges, recordsMax = DEFAULT_CLIENT_SETTINGS.recordsMax } = settings;
    const kept = parts.store.open(droneId, Math.floor(parts.now()) >>> 0);
    this.#seq = kept.lastSeq;
    this.bootId = kept.bootId;
    const identity = { droneId, bootId: kept.bootId, ...group !== undefined && { group } };
    this.#client = new DroneClient({ ...DEFAULT_CLIENT_SETTINGS, identity, edges, recordsMax }, {
      ...parts,
      connect: (edge) => this.#connect(edge),
      leaveAloneMs: () => this.#leaveAloneUntilMs - parts.clock(),
      onAlert: (alert) => say(() => settings.onAlert?.(alert)),
      onAcknowledged: (seqs) => this.#settle(seqs, () => settings.onAcknowledged?.(seqs)),
      onLost: (seqs, reason) => {
        this.#settle(seqs, () => settings.onLost?.(seqs, reason), (seq) => new LossError(seq, reason));
      },
      onClosed: (code, reason) => this.#closed(code, reason),
    });
    this.#tokens = settings.token === undefined ? null : new Tokens({
      ...{ ...parts, source: settings.token },
      onToken: () => this.#isOpen ? this.#client.renew() : this.#open(),
      onFailed: (error) => this.#tell(error instanceof Error ? error : new Error(`Cannot get a token: ${error}`)),
    });
    if (kept.records.length > 0) this.#client.send(kept.records);
    if (this.#tokens) this.#tokens.renew();
    else this.#open();
  }

  get connected(): boolean {
    return this.#client.connected;
  }

  /** URL of the edge that it is connected to; null: to none. */
  get edge(): string | null {
    return this.#client.edge;
  }

  /** How many records are kept that no edge has acknowledged. */
  get unacknowledged(): number {
    return this.#client.unacknowledged;
  }

  get counters(): Readonly<ClientCounters> {
    return this.#client.counters;
  }

  /**
   * Sends what was measured together, as soon as there is a connection, and again until it is acknowledged.
   * @returns the numbers of its records, in the order position, battery, obstacles
   * @throws {FieldError} naming the field that no record can hold: nothing was taken
   */
  send(measurement: Measurement): number[] {
    const records = recordsOf(measurement, { seq: this.#seq + 1, nowMs: this.#parts.now() });
    if (!this.#client.fits(records)) {
      throw new FieldError("obstacles.hits", `a frame has ${FRAME_LIMITS.bytesMax} bytes`);
    }
    this.#seq += records.length;
    const seqs = records.map(({ seq }) => seq);
    this.#awaited.add(seqs);
    this.#keep(() => this.#parts.store.put(records));
    this.#client.send(records);
    return seqs;
  }

  /** Resolves when these are on disk at the other end. @throws {LossError} when one of them will never be */
  acknowledged(seqs: readonly number[]): Promise<void> {
    return this.#awaited.all(seqs);
  }

  /** For good. Records that are not acknowledged stay so, in the file if there is one. */
  async close(): Promise<void> {
    this.#tokens?.close();
    await this.#client.close();
    this.#parts.store.close();
    this.#awaited.close();
  }

  #open(): void {
    this.#isOpen = true;
    this.#client.open();
  }

  #connect(edge: string): WebSocket {
    return this.#parts.connect(edge, this.#tokens?.current ?? null, ({ status, retryAfterMs, said }) => {
      const untilMs = this.#parts.clock() + Math.min(LEFT_ALONE_MS_MAX, retryAfterMs);
      // Another edge may take it at once.
      if (this.#settings.edges.length === 1) this.#leaveAloneUntilMs = untilMs;
      if (status === 401) this.#tokens?.renew();
      this.#isTold = true;
      this.#tell(new EdgeRefusal(edge, { code: status, said }));
    });
  }

  #closed(code: number, reason: string): void {
    const isTold = code === CloseCode.normal || code === ABNORMAL && this.#isTold;
    this.#isTold = false;
    if (isTold) return;
    const problem = new EdgeRefusal(this.edge ?? this.#settings.edges.join(", "), { code, said: reason });
    if (problem.field === "token") this.#tokens?.renew();
    this.#tell(problem);
  }

  #settle(seqs: readonly number[], tell: () => void, errorOf?: (seq: number) => Error): void {
    this.#keep(() => this.#parts.store.forget(seqs));
    this.#awaited.settle(seqs, errorOf);
    say(tell);
  }

  #keep(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#tell(new Error(`Cannot keep records in the outbox: ${error.message}`, { cause: error }));
    }
  }

  #tell(problem: Error): void {
    say(() => this.#settings.onProblem?.(problem));
  }
}

/** What throws there does not stop what happens here. */
function say(fn: () => void): void {
  queueMicrotask(fn);
}

function checkSettings({ droneId, group, edges, recordsMax = 1 }: DroneSettings): void {
  checkText("droneId", droneId, [1, DRONE_ID_BYTES_MAX]);
  if (group !== undefined) checkText("group", group, [0, DRONE_ID_BYTES_MAX]);
  checkWhole("recordsMax", recordsMax, [1, UINT32[1]]);
  if (!Array.isArray(edges) || edges.length === 0) throw new FieldError("edges", "it must be one URL at least");
  const strange = edges.find((edge) => !/^wss?:/i.test(`${edge}`) || !URL.canParse(edge));
  if (strange !== undefined) {
    throw new FieldError("edges", "each must be a URL that begins with ws:// or wss://", { value: strange });
  }
}
