// Traffic on real sockets: one client for each drone.
import { type LossReason, noLosses } from "../clients/typescript/src/downlink.ts";
import type { ClientCounters, DroneClientParts } from "../clients/typescript/src/client_parts.ts";
import { DEFAULT_CLIENT_SETTINGS, DroneClient } from "../clients/typescript/src/drone_client.ts";
import type { SimIdentity } from "./sim_identity.ts";
import type { Emission } from "./traffic.ts";

export interface SentCounts {
  /** Each record once. */
  position: number;
  battery: number;
  obstacles: number;
  /** Sent once more on purpose; resends by clients are not in it. */
  duplicate: number;
  malformedFrames: number;
  /** Not taken: longer than a frame may be. */
  tooLarge: number;
}

/** What the clients need; who connects is known here. */
export interface SwarmParts extends Omit<DroneClientParts, "connect" | "renewAfterMs"> {
  connect: (droneId: string, edge: string) => WebSocket;
  renewAfterMs?: () => number;
  /** URLs of their telemetry sockets. */
  edges: readonly string[];
}

export class Swarm {
  readonly sent: SentCounts = {
    position: 0,
    battery: 0,
    obstacles: 0,
    duplicate: 0,
    malformedFrames: 0,
    tooLarge: 0,
  };
  readonly #clients = new Map<string, DroneClient>();

  constructor(drones: SimIdentity[], { edges, ...parts }: SwarmParts) {
    for (const identity of drones) {
      const connect = (edge: string) => parts.connect(identity.droneId, edge);
      const client = new DroneClient({ identity, edges, ...DEFAULT_CLIENT_SETTINGS }, { ...parts, connect });
      this.#clients.set(speakerOf(identity), client);
    }
  }

  open(): void {
    for (const client of this.#clients.values()) client.open();
  }

  get connected(): number {
    let count = 0;
    for (const client of this.#clients.values()) if (client.connected) count++;
    return count;
  }

  /** How many are connected to each edge. */
  get spread(): Record<string, number> {
    const spread: Record<string, number> = {};
    for (const { edge } of this.#clients.values()) if (edge !== null) spread[edge] = (spread[edge] ?? 0) + 1;
    return spread;
  }

  get unacknowledged(): number {
    let count = 0;
    for (const client of this.#clients.values()) count += client.unacknowledged;
    return count;
  }

  /** Over all clients. */
  counters(): ClientCounters {
    const sum = { sentRecords: 0, acknowledgedRecords: 0, throttles: 0, faults: 0, reconnects: 0 };
    const lost = noLosses();
    for (const { counters } of this.#clients.values()) {
      for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += counters[key];
      for (const reason of Object.keys(lost) as LossReason[]) lost[reason] += counters.lost[reason];
    }
    return { ...sum, lost };
  }

  send(emission: Emission): void {
    const client = this.#clients.get(speakerOf(emission));
    if (!client) throw new Error(`Cannot send for ${emission.droneId}: it is not in the swarm`);
    const { records, note } = emission;
    if (note !== undefined) {
      if (client.sendBytes(emission.frame) === "full") return;
      if (note === "malformed") this.sent.malformedFrames++;
      else this.sent.duplicate += records.length;
      return;
    }
    if (client.send(records) === "too-large") this.sent.tooLarge += records.length;
    else {
      for (const { body } of records) if (body.case) this.sent[body.case]++;
    }
  }

  /** All connections fail at once. */
  drop(): void {
    for (const client of this.#clients.values()) client.drop();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }
}

/** One connection each: also of twins, who are told apart by nobody else. */
function speakerOf({ droneId, bootId, twin = 0 }: SimIdentity): string {
  return `${twin}/${bootId}/${droneId}`;
}
