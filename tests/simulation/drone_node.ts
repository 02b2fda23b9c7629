// A drone of the simulated system: the client that drones use, records that grow, and the memory of what was promised.
import { DEFAULT_CLIENT_SETTINGS, DroneClient } from "../../clients/typescript/src/drone_client.ts";
import { Instruments, type Kind } from "./instruments.ts";
import type { World } from "./world.ts";

const BOOT_ID = 7;
const PERIOD_MS = 100;

export interface DroneNodeSettings {
  droneId: string;
  /** Its clock against the world's. */
  clockMs: number;
  /** Its place in a group that flies side by side. */
  place: number | null;
  connect: () => WebSocket;
}

export class DroneNode {
  readonly droneId: string;
  readonly instruments: Instruments;
  readonly #world: World;
  readonly #client: DroneClient;
  #clockMs: number;
  /** Of the world, while its clock stands still. */
  #stoppedMs: number | null = null;
  #seq = 0;
  #flying = true;
  /** Sequence numbers handed to the client; it forgets one only when it is acknowledged, or lost for good. */
  sent = 0;
  readonly #lost = new Set<number>();

  constructor(world: World, { droneId, clockMs, place, connect }: DroneNodeSettings) {
    this.#world = world;
    this.droneId = droneId;
    this.#clockMs = clockMs;
    this.instruments = new Instruments(world, place);
    const identity = { droneId, bootId: BOOT_ID };
    const quick = { backoffMinMs: 50, backoffMaxMs: 1000, stableAfterMs: 2000, silentMsMax: 5000 };
    this.#client = new DroneClient({ ...DEFAULT_CLIENT_SETTINGS, ...quick, identity }, {
      connect,
      random: world.random,
      now: () => this.#nowMs,
      clock: () => world.nowMs,
      after: (ms, fn) => world.after(ms, fn),
      onLost: (seqs) => seqs.forEach((seq) => this.#lost.add(seq)),
    });
  }

  get unacknowledged(): number {
    return this.#client.unacknowledged;
  }

  /** Takes off, and measures until told to stop. */
  start(): void {
    this.#client.open();
    const stop = this.#world.every(PERIOD_MS, () => {
      if (this.#flying) this.#measure();
      else stop();
    });
  }

  /** Measures no more; what is not acknowledged is still sent. */
  land(): void {
    this.#flying = false;
  }

  /** Somebody sets its clock. */
  step(ms: number): void {
    this.#clockMs += ms;
  }

  /** Its clock stands still, or goes on from where it stood. */
  stopClock(isStopped: boolean): void {
    if (isStopped) this.#stoppedMs ??= this.#world.nowMs;
    else if (this.#stoppedMs !== null) {
      this.#clockMs -= this.#world.nowMs - this.#stoppedMs;
      this.#stoppedMs = null;
    }
  }

  /** Identities of all records handed over and acknowledged: those that the client no longer keeps. */
  acknowledged(): string[] {
    const kept = new Set(this.#client.unacknowledgedSeqs);
    return this.#identities().filter((_, i) => !kept.has(i + 1) && !this.#lost.has(i + 1));
  }

  /** Records that were given up for good, and the drone was told. */
  get lost(): number {
    return this.#lost.size;
  }

  /** Identities of all records handed over. */
  all(): string[] {
    return this.#identities();
  }

  get #nowMs(): number {
    return this.#clockMs + (this.#stoppedMs ?? this.#world.nowMs);
  }

  #identities(): string[] {
    return Array.from({ length: this.sent }, (_, i) => `${this.droneId}/${BOOT_ID}/${i + 1}`);
  }

  #measure(): void {
    const kinds: Kind[] = ["position"];
    if (this.#world.random() < 0.5) kinds.push("battery");
    if (this.#world.random() < 0.3) kinds.push("obstacles");
    const timeUs = this.#nowMs * 1000;
    const records = kinds.map((kind) => this.instruments.measure(kind, { seq: ++this.#seq, timeUs }));
    if (this.#client.send(records) !== "accepted") this.#seq -= records.length;
    else this.sent += records.length;
  }
}
