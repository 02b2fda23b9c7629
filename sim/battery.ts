// A battery under load: charge is counted down, voltage follows the charge and sags with the current.
import { create } from "@bufbuild/protobuf";
import { type Battery, BatterySchema } from "../proto/gen/slipstream/v1/telemetry_pb.ts";
import type { FlightState } from "./flight.ts";
import type { Random } from "./random.ts";

export interface BatterySettings {
  random: Random;
  /** 0..10000: hundredths of a percent. */
  startCpct: number;
  /** The drain slows down towards this charge and never reaches it. */
  floorCpct: number;
  /** Whether a landed drone with less than SWAP_BELOW_CPCT gets a full one. */
  swapped: boolean;
}

const CELLS = 6;
const CAPACITY_AH = 16;
const RESISTANCE_OHM = 0.025;
const IDLE_A = 0.8;
const HOVER_A = 22;
const SWAP_BELOW_CPCT = 6000;
const CHARGE_STATE_OK = 1;
const DRAIN_SHARE_CPCT = 1000;

export class BatteryPack {
  readonly #settings: BatterySettings;
  #remainingCpct: number;
  #temperatureC: number;

  constructor(settings: BatterySettings) {
    this.#settings = settings;
    this.#remainingCpct = settings.startCpct;
    this.#temperatureC = settings.random.between(22, 34);
  }

  /** One measurement, `dtS` after the one before. */
  measure({ velocity, phase }: FlightState, dtS: number): Battery {
    const { random, floorCpct, swapped } = this.#settings;
    const flying = phase !== "ground";
    if (swapped && !flying && this.#remainingCpct < SWAP_BELOW_CPCT) this.#remainingCpct = random.between(9600, 9900);
    const speedMps = Math.hypot(velocity.eastM, velocity.northM);
    const currentA = flying
      ? Math.max(8, HOVER_A + 0.3 * speedMps + 4 * velocity.upM + random.gaussian(0.8))
      : IDLE_A + Math.abs(random.gaussian(0.05));
    const drainCpct = currentA * dtS / 3600 / CAPACITY_AH * 10_000;
    this.#remainingCpct -= drainCpct * Math.min(1, (this.#remainingCpct - floorCpct) / DRAIN_SHARE_CPCT);
    const warmth = flying ? 45 : 25;
    this.#temperatureC += (warmth - this.#temperatureC) * dtS / 300;
    const openV = CELLS * (3.5 + 0.65 * this.#remainingCpct / 10_000);
    return create(BatterySchema, {
      id: 0,
      voltageMv: Math.round((openV - currentA * RESISTANCE_OHM + random.gaussian(0.01)) * 1000),
      currentCa: Math.round(currentA * 100),
      remainingCpct: Math.round(this.#remainingCpct),
      temperatureCdegc: Math.round(this.#temperatureC * 10) * 10,
      chargeState: CHARGE_STATE_OK,
    });
  }
}
