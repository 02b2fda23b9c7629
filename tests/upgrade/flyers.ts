// A fleet that flies encounters through several edges, and remembers what it was promised and told.
import { fromBinary } from "@bufbuild/protobuf";
import { connectPromptly } from "../../platform/prompt_socket.ts";
import { systemPlatform } from "../../platform/system.ts";
import { type Alert, AlertKind } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import { DroneDownlinkSchema } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { TELEMETRY_SUBPROTOCOL } from "../../proto/words.ts";
import { DEFAULT_CLIENT_SETTINGS, DroneClient } from "../../clients/typescript/src/drone_client.ts";
import { fleetPlan } from "../../sim/fleet.ts";
import type { Traffic } from "../../sim/traffic.ts";
import type { GroundTruth } from "../../sim/truth.ts";
import { eventually } from "../chaos/eventually.ts";

export interface FlyersSettings {
  drones: number;
  seed: number;
  /** URLs of telemetry sockets. */
  edges: string[];
}

/** An alert as one drone was told of it, each time that it was. */
export interface Told {
  droneId: string;
  alertId: bigint;
  kind: AlertKind;
  droneIds: string[];
  raisedTimeUs: number;
}

const BOOT_ID = 1;
const TICK_MS = 5;
const CONNECT_MS_MAX = 30_000;
const LAND_MS_MAX = 30_000;
/** Shorter than in the field, so that a run sees drones come back. */
const QUICK = { settleMs: 2000, measureMs: 20_000 };

export class Flyers {
  readonly told: Told[] = [];
  readonly #shed = new Set<string>();
  readonly #clients = new Map<string, DroneClient>();
  readonly #plan: ReturnType<typeof fleetPlan>;
  #traffic: Traffic | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor({ drones, seed, edges }: FlyersSettings) {
    this.#plan = fleetPlan({ drones, seed, scenario: "crossing", coalesce: false, bootId: BOOT_ID });
    for (const identity of this.#plan.drones) {
      const client = new DroneClient({ ...DEFAULT_CLIENT_SETTINGS, ...QUICK, identity, edges }, {
        ...systemPlatform("flyers"),
        connect: (edge) => this.#connect(identity.droneId, edge),
        onLost: (seqs) => seqs.forEach((seq) => this.#shed.add(`${identity.droneId}/${BOOT_ID}/${seq}`)),
      });
      this.#clients.set(identity.droneId, client);
    }
  }

  /** Resolves when all are connected, and fly. */
  async start(): Promise<void> {
    for (const client of this.#clients.values()) client.open();
    if (!await eventually(() => this.connected === this.#clients.size, CONNECT_MS_MAX)) {
      throw new Error(`Cannot fly: ${this.connected} of ${this.#clients.size} drones are connected`);
    }
    const traffic = this.#traffic = this.#plan.begin(Date.now() * 1000);
    this.#timer = setInterval(() => this.#send(traffic.advance(Date.now() * 1000)), TICK_MS);
  }

  get connected(): number {
    return [...this.#clients.values()].filter(({ connected }) => connected).length;
  }

  /** How many are connected to each edge. */
  spread(edges: readonly string[]): number[] {
    return edges.map((url) => [...this.#clients.values()].filter(({ edge }) => edge === url).length);
  }

  get reconnects(): number {
    return [...this.#clients.values()].reduce((sum, { counters }) => sum + counters.reconnects, 0);
  }

  get unacknowledged(): number {
    return [...this.#clients.values()].reduce((sum, { unacknowledged }) => sum + unacknowledged, 0);
  }

  /** Lands all of them, and resolves with the time of the last record, Unix µs, when what they sent is acknowledged. */
  async land(): Promise<number> {
    clearInterval(this.#timer);
    const endUs = Date.now() * 1000;
    this.#send(this.#traffic?.finish(endUs) ?? []);
    await eventually(() => this.unacknowledged === 0, LAND_MS_MAX);
    return endUs;
  }

  get truth(): GroundTruth {
    const truth = this.#traffic?.truth();
    if (!truth) throw new Error("Cannot know the truth: nobody has flown yet");
    return truth;
  }

  /** droneId/bootId/seq of every record handed over, and of those that are acknowledged, or were given up by an edge. */
  records(): { sent: string[]; acknowledged: string[]; shed: string[] } {
    const [sent, acknowledged]: [string[], string[]] = [[], []];
    for (const { droneId, bootId, firstSeq, lastSeq } of this.truth.sent) {
      const kept = new Set(this.#clients.get(droneId)!.unacknowledgedSeqs);
      for (let seq = firstSeq; seq <= lastSeq; seq++) {
        sent.push(`${droneId}/${bootId}/${seq}`);
        const record = `${droneId}/${bootId}/${seq}`;
        if (!kept.has(seq) && !this.#shed.has(record)) acknowledged.push(record);
      }
    }
    return { sent, acknowledged, shed: [...this.#shed] };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }

  #send(emissions: ReturnType<Traffic["advance"]>): void {
    for (const { droneId, records } of emissions) this.#clients.get(droneId)!.send(records);
  }

  #connect(droneId: string, edge: string): WebSocket {
    const socket = connectPromptly(edge, TELEMETRY_SUBPROTOCOL);
    // Beside the client, which hands on each alert once: here each counts.
    socket.addEventListener("message", ({ data }) => {
      const { body } = fromBinary(DroneDownlinkSchema, new Uint8Array(data));
      if (body.case === "alert") this.#tell(droneId, body.value);
    });
    return socket;
  }

  #tell(droneId: string, { alertId, kind, droneIds, raisedTimeUs }: Alert): void {
    this.told.push({ droneId, alertId, kind, droneIds, raisedTimeUs: Number(raisedTimeUs) });
  }
}
