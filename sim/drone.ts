// One simulated drone: its sensors, its clock, its sequence numbers.
import { create } from "@bufbuild/protobuf";
import { type Position, RecordFlag, type Telemetry, TelemetrySchema } from "../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { SimIdentity } from "./sim_identity.ts";
import type { Origin } from "./geo.ts";
import { Gps } from "./gps.ts";
import type { DronePlan } from "./plan.ts";
import type { Random } from "./random.ts";
import type { TrueGlitch } from "./truth.ts";

export type RecordKind = "position" | "battery" | "obstacles";

export const PERIOD_US: Record<RecordKind, number> = { position: 100_000, battery: 200_000, obstacles: 50_000 };

const AIRBORNE_M = 0.5;

export class SimulatedDrone {
  readonly identity: SimIdentity;
  readonly plan: DronePlan;
  readonly random: Random;
  /** Waiting for the next coalesced frame. */
  gathered: Telemetry[] = [];
  /** The first record has number 0. */
  nextSeq = 0;
  readonly glitches: TrueGlitch[] = [];
  readonly #home: Origin;
  readonly #gps: Gps;
  #flownToUs: number;
  #lastFix: Pick<Position, "latE7" | "lonE7"> | null = null;

  constructor(
    identity: SimIdentity,
    { plan, random, home, startUs }: { plan: DronePlan; random: Random; home: Origin; startUs: number },
  ) {
    this.identity = identity;
    this.plan = plan;
    this.random = random;
    this.#home = home;
    this.#gps = new Gps(random, plan.receiver);
    this.#flownToUs = startUs;
  }

  isSilent(atUs: number): boolean {
    const { silence } = this.plan;
    return silence !== null && atUs >= silence.fromUs && atUs < silence.toUs;
  }

  flyTo(atUs: number): void {
    this.plan.flight.advance((atUs - this.#flownToUs) / 1e6);
    this.#flownToUs = atUs;
  }

  /** A record without its sequence number, which it gets when it is sent. */
  measure(kind: RecordKind, atUs: number): Telemetry {
    return this.#record({ atUs, flags: this.#flags(), body: this.#body(kind, atUs) });
  }

  /** The last record of a run: where it is, motors off. */
  measureShutdown(atUs: number): Telemetry {
    const value = this.#gps.measure(this.plan.flight.state, { home: this.#home, dtS: 0.1 });
    return this.#record({ atUs, flags: 0, body: { case: "position", value } });
  }

  #record({ atUs, flags, body }: { atUs: number; flags: number; body: Telemetry["body"] }): Telemetry {
    return create(TelemetrySchema, { eventTimeUs: BigInt(Math.floor(this.plan.clock(atUs))), flags, body });
  }

  #body(kind: RecordKind, atUs: number): Telemetry["body"] {
    const { flight, battery, obstacles, glitch } = this.plan;
    const dtS = PERIOD_US[kind] / 1e6;
    if (kind === "battery") return { case: kind, value: battery.measure(flight.state, dtS) };
    if (kind === "obstacles") return { case: kind, value: obstacles.measure({ atUs, dtS, state: flight.state }) };
    const value = this.#gps.measure(flight.state, { home: this.#home, dtS });
    this.#freeze(value, atUs);
    const sort = glitch?.(value, atUs);
    if (sort) this.glitches.push({ droneId: this.identity.droneId, atUs, sort });
    return { case: kind, value };
  }

  // The place stands still; what the receiver says of the velocity does not.
  #freeze(value: Position, atUs: number): void {
    const { frozen } = this.plan;
    const isFrozen = frozen !== null && atUs >= frozen.fromUs && atUs < frozen.toUs;
    if (isFrozen && this.#lastFix) Object.assign(value, this.#lastFix);
    this.#lastFix = { latE7: value.latE7, lonE7: value.lonE7 };
  }

  #flags(): number {
    const { phase, position } = this.plan.flight.state;
    if (phase === "ground") return 0;
    return RecordFlag.ARMED |
      (position.upM > AIRBORNE_M ? RecordFlag.IN_AIR : 0) |
      (phase === "leg" ? RecordFlag.ON_MISSION : 0) |
      (phase === "landing" ? RecordFlag.LANDING : 0);
  }
}
