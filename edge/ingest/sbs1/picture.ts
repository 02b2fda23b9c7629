// What SBS-1 says of one aircraft comes in several messages: who it is, where, how fast. With each place all of it is known.
import type { Traffic } from "../../../wasm/mavlink/traffic.ts";
import type { Sbs1Message } from "./message.ts";

interface Known
  extends Pick<Sbs1Message, "callsign" | "altitude" | "speedKt" | "trackDeg" | "climbFtMin" | "isOnGround"> {
  /** When its height, how it moves, and whether it is on the ground, was heard, ms. */
  altitudeMs: number;
  motionMs: number;
  groundMs: number;
}

/** At once: the one that was heard first is forgotten. */
const AIRCRAFT_MAX = 2000;
/** Older ones say nothing of now. */
const GOOD_MS = 10_000;

const MM_PER_FT = 304.8;
const CMS_PER_KT = 51.4444;
const CMS_PER_FT_MIN = 0.508;

export class Sbs1Picture {
  readonly #aircraft = new Map<string, Known>();

  /** Null: it says of nobody where it is. `nowMs`: monotonic. */
  take(message: Sbs1Message, nowMs: number): Traffic | null {
    const { address, place } = message;
    const known = this.#update(message, nowMs);
    if (!place) return null;
    const altitude = nowMs - known.altitudeMs <= GOOD_MS ? known.altitude : null;
    const moves = nowMs - known.motionMs <= GOOD_MS;
    const { speedKt, trackDeg, climbFtMin } = known;
    const isOnGround = nowMs - known.groundMs <= GOOD_MS ? known.isOnGround : null;
    return {
      // It does not say what it is: there may be people in it.
      ...{ source: "ads-b", address, name: known.callsign, category: 0, crewed: true },
      ...{ latE7: Math.round(place.latDeg * 1e7), lonE7: Math.round(place.lonDeg * 1e7) },
      altitude: altitude &&
        { mm: Math.round(altitude.ft * MM_PER_FT), above: altitude.isGeometric ? "ellipsoid" : "pressure" },
      trackCdeg: moves ? scaled(trackDeg, 100) : null,
      speedCms: moves ? scaled(speedKt, CMS_PER_KT) : null,
      climbCms: moves ? scaled(climbFtMin, CMS_PER_FT_MIN) : null,
      airborne: isOnGround === null ? null : !isOnGround,
      ageS: null,
    };
  }

  #update(
    { address, callsign, altitude, speedKt, trackDeg, climbFtMin, isOnGround }: Sbs1Message,
    nowMs: number,
  ): Known {
    const before = this.#aircraft.get(address);
    const known = before ?? {
      ...{ callsign: null, altitude: null, speedKt: null, trackDeg: null, climbFtMin: null, isOnGround: null },
      ...{ altitudeMs: -Infinity, motionMs: -Infinity, groundMs: -Infinity },
    };
    if (callsign !== null) known.callsign = callsign;
    if (isOnGround !== null) Object.assign(known, { isOnGround, groundMs: nowMs });
    if (altitude !== null) Object.assign(known, { altitude, altitudeMs: nowMs });
    if (speedKt !== null && trackDeg !== null) {
      Object.assign(known, { speedKt, trackDeg, climbFtMin, motionMs: nowMs });
    }
    if (!before) this.#aircraft.set(address, known);
    if (this.#aircraft.size > AIRCRAFT_MAX) this.#aircraft.delete(this.#aircraft.keys().next().value!);
    return known;
  }
}

function scaled(value: number | null, by: number): number | null {
  return value === null ? null : Math.round(value * by);
}
