// How a multirotor flies: takes off, flies legs with turns and climbs, hovers, lands, waits, and again.
import type { Point } from "./geo.ts";
import type { Random } from "./random.ts";

export interface FlightState {
  /** Relative to the drone's home. */
  position: Point;
  velocity: Point;
  /** Clockwise from true north. */
  headingRad: number;
  phase: "ground" | "take-off" | "leg" | "hover" | "landing";
}

export interface Flight {
  readonly state: FlightState;
  /** Time went on by `dtS`. */
  advance: (dtS: number) => void;
}

export interface MissionSettings {
  random: Random;
  /** Never lands: for effects that only airborne drones can show. */
  staysAirborne: boolean;
}

/** Legs end within this distance of home. */
const FLIGHT_RADIUS_M = 130;
/**
 * So far apart that nobody predicts a conflict of two drones on missions. Straight on for 30 s, one that has yet to brake
 * for the end of its leg gets 520 m away from home, and one that has been silent for 3 s gets 560 m and may be 40 m off.
 */
export const PAD_SPACING_M = 1200;

const ACCELERATION_MPS2 = 3;
const CLIMB_MPS_MAX = 3;
const SINK_MPS_MAX = 2;
const TURN_RADPS_MAX = 1.2;
const ARRIVED_M = 4;

/** A mission without end around the home position; begins anywhere within it. */
export class Mission implements Flight {
  readonly state: FlightState;
  readonly #random: Random;
  readonly #staysAirborne: boolean;
  #target: Point = { eastM: 0, northM: 0, upM: 0 };
  #speedMps = 0;
  #remainingS = 0;
  #legs = 0;

  constructor({ random, staysAirborne }: MissionSettings) {
    this.#random = random;
    this.#staysAirborne = staysAirborne;
    const start = staysAirborne ? random.between(0.3, 1) : random.unit();
    const bearing = random.between(0, 2 * Math.PI);
    const distanceM = start < 0.3 ? 0 : random.between(20, FLIGHT_RADIUS_M * 0.7);
    this.state = {
      position: {
        eastM: distanceM * Math.sin(bearing),
        northM: distanceM * Math.cos(bearing),
        upM: start < 0.3 ? 0 : random.between(30, 90),
      },
      velocity: { eastM: 0, northM: 0, upM: 0 },
      headingRad: random.between(0, 2 * Math.PI),
      phase: "ground",
    };
    if (start < 0.15) this.#wait(random.between(1, 10));
    else if (start < 0.3) this.#takeOff();
    else if (start < 0.5) this.#hover();
    else this.#legsFrom();
  }

  advance(dtS: number): void {
    const { phase, position } = this.state;
    if (phase === "ground" || phase === "hover") {
      this.#brake(dtS);
      this.#remainingS -= dtS;
      if (this.#remainingS > 0) return;
      if (phase === "ground") this.#takeOff();
      else if (this.#legs > 0 || this.#staysAirborne) this.#legsFrom();
      else this.#land();
      return;
    }
    this.#steer(dtS);
    const { eastM, northM, upM } = this.#target;
    const distanceM = Math.hypot(eastM - position.eastM, northM - position.northM);
    if (phase === "take-off" && position.upM >= upM - 0.5) this.#legsFrom();
    else if (phase === "leg" && distanceM < ARRIVED_M) this.#arrive();
    else if (phase === "landing" && position.upM <= 0) this.#wait(this.#random.between(8, 20));
  }

  #wait(seconds: number): void {
    Object.assign(this.state, { phase: "ground", velocity: { eastM: 0, northM: 0, upM: 0 } });
    this.state.position.upM = 0;
    this.#remainingS = seconds;
  }

  #takeOff(): void {
    this.state.phase = "take-off";
    this.#target = { ...this.state.position, upM: this.#random.between(30, 90) };
    this.#speedMps = 0;
  }

  #legsFrom(): void {
    if (this.#legs <= 0) this.#legs = this.#random.whole(3, 6);
    this.state.phase = "leg";
    const bearing = this.#random.between(0, 2 * Math.PI);
    const distanceM = FLIGHT_RADIUS_M * Math.sqrt(this.#random.unit());
    this.#target = {
      eastM: distanceM * Math.sin(bearing),
      northM: distanceM * Math.cos(bearing),
      upM: this.#random.chance(0.4) ? this.#random.between(30, 90) : this.state.position.upM,
    };
    this.#speedMps = this.#random.between(6, 14);
  }

  #arrive(): void {
    this.#legs--;
    if (this.#legs > 0 && this.#random.chance(0.7)) this.#legsFrom();
    else this.#hover();
  }

  #hover(): void {
    this.state.phase = "hover";
    this.#remainingS = this.#random.between(6, 20);
  }

  #land(): void {
    this.state.phase = "landing";
    this.#target = { ...this.state.position, upM: -1 };
    this.#speedMps = 0;
  }

  #brake(dtS: number): void {
    this.#accelerate({ eastM: 0, northM: 0, upM: 0 }, dtS);
  }

  #steer(dtS: number): void {
    const { position } = this.state;
    const eastM = this.#target.eastM - position.eastM;
    const northM = this.#target.northM - position.northM;
    const upM = this.#target.upM - position.upM;
    const distanceM = Math.hypot(eastM, northM);
    // As fast as still allows to stop at the target.
    const speedMps = Math.min(this.#speedMps, Math.sqrt(2 * ACCELERATION_MPS2 * distanceM));
    const scale = distanceM > 0 ? speedMps / distanceM : 0;
    this.#accelerate({
      eastM: eastM * scale,
      northM: northM * scale,
      upM: Math.max(-SINK_MPS_MAX, Math.min(CLIMB_MPS_MAX, upM)),
    }, dtS);
    if (distanceM > ARRIVED_M && this.#speedMps > 0) this.#turn(Math.atan2(eastM, northM), dtS);
  }

  #turn(courseRad: number, dtS: number): void {
    const off = Math.atan2(Math.sin(courseRad - this.state.headingRad), Math.cos(courseRad - this.state.headingRad));
    const turn = Math.max(-TURN_RADPS_MAX * dtS, Math.min(TURN_RADPS_MAX * dtS, off));
    this.state.headingRad = (this.state.headingRad + turn + 2 * Math.PI) % (2 * Math.PI);
  }

  #accelerate(wanted: Point, dtS: number): void {
    const { position, velocity } = this.state;
    const eastM = wanted.eastM - velocity.eastM;
    const northM = wanted.northM - velocity.northM;
    const upM = wanted.upM - velocity.upM;
    const change = Math.hypot(eastM, northM, upM);
    const share = change > 0 ? Math.min(1, ACCELERATION_MPS2 * dtS / change) : 0;
    velocity.eastM += eastM * share;
    velocity.northM += northM * share;
    velocity.upM += upM * share;
    position.eastM += velocity.eastM * dtS;
    position.northM += velocity.northM * dtS;
    position.upM = Math.max(0, position.upM + velocity.upM * dtS);
  }
}
