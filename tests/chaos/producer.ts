// Drones that know what they were promised: real clients on real sockets, each with the memory of what it handed over.
import { create } from "@bufbuild/protobuf";
import { type Telemetry, TelemetrySchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { DEFAULT_CLIENT_SETTINGS, DroneClient } from "../../clients/typescript/src/drone_client.ts";
import { connectBy, type Protocol } from "../../sim/protocols.ts";
import { systemPlatform } from "../../platform/system.ts";
import { TELEMETRY_SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX } from "../../proto/words.ts";

export interface ProducerSettings {
  /** Begins every drone's id. */
  name: string;
  drones: number;
  /** ws://…/v1/telemetry; asked for each connection, as an edge may come back elsewhere. */
  url: () => string;
  /** What they speak. Default ws. */
  protocol?: Protocol;
  bootId?: number;
  /** Others use the same ids and boot: which of them these are, as the journal tells them apart. */
  source?: number;
  /** Instead of ids made of the name. */
  ids?: string[];
  /** By which each of them proves who it is, where that is asked for. */
  tokenOf?: (droneId: string) => string;
}

const PERIOD_MS = 100;
const QUICK = { recordsMax: 16_384, backoffMinMs: 50, backoffMaxMs: 1000, stableAfterMs: 2000, silentMsMax: 4000 };

interface Drone {
  droneId: string;
  client: DroneClient;
  seq: number;
  /** Sequence numbers that an edge gave up for good. */
  shed: Set<number>;
}

export class Producer {
  readonly #drones: Drone[];
  readonly #settings: ProducerSettings;
  readonly #bootId: number;
  readonly #impostors: Producer[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(settings: ProducerSettings) {
    const { name, drones, url, protocol = "ws", bootId = 1, ids, tokenOf } = settings;
    this.#settings = settings;
    this.#bootId = bootId;
    this.#drones = Array.from({ length: drones }, (_, i) => {
      const droneId = ids?.[i] ?? `${name}-${i + 1}`;
      const identity = { droneId, bootId };
      const shed = new Set<number>();
      const client = new DroneClient({ ...DEFAULT_CLIENT_SETTINGS, ...QUICK, identity }, {
        ...systemPlatform("sim"),
        connect: () => {
          const token = offeredToken(tokenOf?.(droneId));
          if (token.length > 0) return new WebSocket(url(), [TELEMETRY_SUBPROTOCOL, ...token]);
          return connectBy({ protocol, url: url(), prompt: false, clock: () => performance.now() }, droneId);
        },
        onLost: (seqs) => seqs.forEach((seq) => shed.add(seq)),
      });
      return { droneId, client, seq: 0, shed };
    });
  }

  /** What its drones' ids begin with. */
  get name(): string {
    return this.#settings.name;
  }

  start(): void {
    for (const { client } of this.#drones) client.open();
    this.#timer = setInterval(() => this.#measure(), PERIOD_MS);
  }

  /** Somebody else who speaks for the same drones, with another boot: what it hands over counts here as well. */
  impostor(): Producer {
    const other = new Producer({ ...this.#settings, bootId: 2 });
    this.#impostors.push(other);
    return other;
  }

  /** Drones that say that they are these, in the same boot: what they hand over counts here as well. */
  twins(): Producer {
    const other = new Producer({ ...this.#settings, source: 1 });
    this.#impostors.push(other);
    return other;
  }

  /** Drones with other ids; whoever asks for them judges them. */
  strangers(ids: string[], bootId: number): Producer {
    return new Producer({ ...this.#settings, ids, drones: ids.length, bootId });
  }

  /** Measures no more; what is not acknowledged is still sent. */
  land(): void {
    clearInterval(this.#timer);
  }

  async close(): Promise<void> {
    this.land();
    await Promise.all(this.#drones.map(({ client }) => client.close()));
  }

  /** Ends every connection; the clients come back. */
  drop(): void {
    for (const { client } of this.#drones) client.drop();
  }

  get connected(): number {
    return this.#drones.filter(({ client }) => client.connected).length;
  }

  /** Connections after the first, of all drones. */
  get reconnects(): number {
    return this.#drones.reduce((sum, { client }) => sum + client.counters.reconnects, 0);
  }

  get unacknowledged(): number {
    return this.#drones.reduce((sum, { client }) => sum + client.unacknowledged, 0);
  }

  /** droneId/bootId/seq of every record handed over. */
  sent(): string[] {
    const others = this.#impostors.flatMap((other) => other.sent());
    return [...this.#drones.flatMap(({ droneId, seq }) => this.#identities(droneId, seq)), ...others];
  }

  /** Of those, what was acknowledged. */
  acknowledged(): string[] {
    const own = this.#drones.flatMap(({ droneId, seq, client, shed }) => {
      const kept = new Set(client.unacknowledgedSeqs);
      return this.#identities(droneId, seq).filter((_, i) => !kept.has(i + 1) && !shed.has(i + 1));
    });
    return [...own, ...this.#impostors.flatMap((other) => other.acknowledged())];
  }

  /** Of those, what an edge gave up. */
  shed(): string[] {
    const own = this.#drones.flatMap(({ droneId, shed }) => [...shed].map((seq) => `${droneId}/${this.#boot}/${seq}`));
    return [...own, ...this.#impostors.flatMap((other) => other.shed())];
  }

  /** How many records were handed over so far, and a question whether those are all acknowledged, or given up. */
  mark(): () => boolean {
    const marks = this.#drones.map(({ seq }) => seq);
    return () => this.#drones.every(({ client }, i) => client.unacknowledgedSeqs.every((seq) => seq > marks[i]!));
  }

  #identities(droneId: string, count: number): string[] {
    return Array.from({ length: count }, (_, i) => `${droneId}/${this.#boot}/${i + 1}`);
  }

  get #boot(): string {
    const { source = 0 } = this.#settings;
    return source > 0 ? `${this.#bootId}~${source}` : `${this.#bootId}`;
  }

  #measure(): void {
    for (const drone of this.#drones) {
      const records = [record(drone, "position"), record(drone, "obstacles")];
      if (drone.seq % 4 === 0) records.push(record(drone, "battery"));
      if (drone.client.send(records) !== "accepted") drone.seq -= records.length;
    }
  }
}

/** A browser's way to bring a token, and this client's. */
function offeredToken(token: string | undefined): string[] {
  return token === undefined ? [] : [TOKEN_SUBPROTOCOL_PREFIX + token];
}

/** The next record of a drone that moves, measured now. */
export function record(drone: { seq: number }, kind: "position" | "battery" | "obstacles"): Telemetry {
  const seq = ++drone.seq;
  const eventTimeUs = BigInt(Date.now()) * 1000n;
  if (kind === "position") {
    const value = { latE7: 470_000_000 + seq * 200, lonE7: 80_000_000, altMslMm: 500_000, fixType: 3, vnCms: 300 };
    return create(TelemetrySchema, { seq, eventTimeUs, flags: 3, body: { case: kind, value } });
  }
  if (kind === "battery") {
    const value = { id: 0, voltageMv: 15_000, remainingCpct: 9000 };
    return create(TelemetrySchema, { seq, eventTimeUs, flags: 3, body: { case: kind, value } });
  }
  const value = { sensorId: 1, maxRangeCm: 3000, hits: [{ bearingCdeg: 0, rangeCm: 2500 }] };
  return create(TelemetrySchema, { seq, eventTimeUs, flags: 3, body: { case: kind, value } });
}
