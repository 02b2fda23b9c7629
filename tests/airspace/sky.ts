// An airspace to be flown in by tests: places in metres around a point of the earth, time in seconds.
import { Airspace } from "../../aggregator/airspace/airspace.ts";
import { AIRSPACE_DEFAULTS, type AirspaceSettings } from "../../aggregator/airspace/settings.ts";
import type { Fix } from "../../aggregator/airspace/track_rows.ts";
import { Alerts } from "../../aggregator/alerts/alerts.ts";
import type { AlertEvent, Output } from "../../aggregator/outputs.ts";

export const T0_US = 1_790_000_000_000_000;
const RAD = Math.PI / 180;

export interface Place {
  eastM?: number;
  northM?: number;
  /** Above mean sea level; NaN: unknown. */
  upM?: number;
  /** m/s; NaN: unknown. */
  east?: number;
  north?: number;
  up?: number;
  hAccM?: number;
  vAccM?: number;
  /** How long it may be silent; by default as one that reports often. */
  silenceS?: number;
  /** The formation it is of; by default none. */
  formation?: string;
}

export interface SkyInit {
  latDeg?: number;
  lonDeg?: number;
  settings?: Partial<AirspaceSettings>;
}

export class Sky {
  readonly alerts = new Alerts({ openAlertsMax: 10_000, reminderUs: 60e6, urgentReminderUs: 5e6 });
  readonly settings: AirspaceSettings;
  airspace: Airspace;
  readonly #latDeg: number;
  readonly #lonDeg: number;
  nowUs = T0_US;

  constructor({ latDeg = 47.4, lonDeg = 8.5, settings = {} }: SkyInit = {}) {
    this.#latDeg = latDeg;
    this.#lonDeg = lonDeg;
    this.settings = { ...AIRSPACE_DEFAULTS, ...settings };
    this.airspace = this.newAirspace();
  }

  newAirspace(): Airspace {
    return new Airspace(this.settings, { tracksMax: 65_536, alerts: this.alerts });
  }

  /** Seconds since the start; returns the sky. */
  at(seconds: number): this {
    this.nowUs = T0_US + Math.round(seconds * 1e6);
    return this;
  }

  fix(place: Place, ageS = 0): Fix {
    const { eastM = 0, northM = 0, upM = 100, east = 0, north = 0, up = 0, hAccM = 0, vAccM = 0, silenceS } = place;
    // Radii of curvature of WGS84 at this latitude.
    const sin = Math.sin(this.#latDeg * RAD);
    const w2 = 1 - 0.00669437999014 * sin * sin;
    const normalM = 6_378_137 / Math.sqrt(w2);
    const meridianM = normalM * (1 - 0.00669437999014) / w2;
    const lonDeg = this.#lonDeg + eastM / (normalM * Math.cos(this.#latDeg * RAD)) / RAD;
    return {
      latDeg: this.#latDeg + northM / meridianM / RAD,
      lonDeg: lonDeg > 180 ? lonDeg - 360 : lonDeg < -180 ? lonDeg + 360 : lonDeg,
      altM: upM,
      vnMps: north,
      veMps: east,
      climbMps: up,
      hAccM,
      vAccM,
      timeUs: this.nowUs - ageS * 1e6,
      silenceUs: silenceS === undefined ? this.settings.ghostAfterUs : silenceS * 1e6,
    };
  }

  /** A drone tells where it is; what changed of conflicts. */
  tell(droneId: string, place: Place, ageS = 0): AlertEvent[] {
    const trigger = { droneId, eventTimeUs: this.nowUs };
    return this.#events((outputs) => {
      this.airspace.update({ droneId, formation: place.formation ?? "" }, this.fix(place, ageS), {
        nowUs: this.nowUs,
        trigger,
        outputs,
      });
    });
  }

  /** An aircraft that is nobody's here was heard; what changed of conflicts. */
  hear(id: string, place: Place, { crewed = true, ageS = 0 } = {}): AlertEvent[] {
    return this.#events((outputs) => {
      const step = { nowUs: this.nowUs, trigger: null, outputs };
      this.airspace.updateTraffic({ id, crewed }, this.fix(place, ageS), step);
    });
  }

  land(droneId: string): AlertEvent[] {
    return this.#events((outputs) => this.airspace.remove(droneId, { nowUs: this.nowUs, trigger: null, outputs }));
  }

  tick(): AlertEvent[] {
    return this.#events((outputs) => {
      this.airspace.tick({ nowUs: this.nowUs, trigger: null, outputs }, -Infinity);
      this.alerts.remind(this.nowUs, outputs);
    });
  }

  #events(happen: (outputs: Output[]) => void): AlertEvent[] {
    const outputs: Output[] = [];
    happen(outputs);
    return outputs.flatMap((output) => output.type === "alert" ? [output.alert] : []);
  }
}

/** "raise warning a|b", for comparisons. */
export function told(events: AlertEvent[]): string[] {
  return events.map(({ transition, severity, droneIds }) => `${transition} ${severity} ${droneIds.join("|")}`);
}
