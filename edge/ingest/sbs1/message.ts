// Lines of SBS-1, as dump1090 and others write them to port 30003: MSG, a kind from 1 to 8, and 20 fields with commas between,
// empty where nothing is known.

export interface Sbs1Message {
  /** ICAO's, six digits in lower case. */
  address: string;
  callsign: string | null;
  /** By pressure (1013.25 hPa), or above the ellipsoid. */
  altitude: { ft: number; isGeometric: boolean } | null;
  speedKt: number | null;
  trackDeg: number | null;
  place: { latDeg: number; lonDeg: number } | null;
  climbFtMin: number | null;
  isOnGround: boolean | null;
}

const FIELDS_MIN = 22;
const Field = {
  ...{ message: 0, kind: 1, address: 4, callsign: 10, altitude: 11, speed: 12, track: 13, lat: 14, lon: 15, climb: 16 },
  isOnGround: 21,
} as const;
/** Positions, on the surface and in the air. */
const Kind = { onGround: "2", airborne: "3" } as const;
const ALTITUDE_FT = { min: -2000, max: 150_000 } as const;
const SPEED_KT = { min: 0, max: 4096 } as const;
const CLIMB_FT_MIN = { min: -33_000, max: 33_000 } as const;
const LAT_DEG = { min: -90, max: 90 } as const;
const LON_DEG = { min: -180, max: 180 } as const;
const TRACK_DEG = { min: 0, max: 360 } as const;

/** Null: it is no such line, or of nobody. */
export function readSbs1(line: string): Sbs1Message | null {
  const fields = line.split(",", FIELDS_MIN);
  const at = (field: number) => fields[field]!.trim();
  if (fields.length < FIELDS_MIN || at(Field.message) !== "MSG" || !/^[1-8]$/.test(at(Field.kind))) return null;
  if (!/^[0-9a-f]{6}$/i.test(at(Field.address)) || /^0+$/.test(at(Field.address))) return null;
  const [, height, geometric] = /^(-?\d{1,6})(H?)$/.exec(at(Field.altitude)) ?? [];
  const ft = within(height ?? "", ALTITUDE_FT);
  const [latDeg, lonDeg] = [within(at(Field.lat), LAT_DEG), within(at(Field.lon), LON_DEG)];
  const callsign = at(Field.callsign).replace(/[^\x21-\x7e]/g, "").slice(0, 8);
  const trackDeg = within(at(Field.track), TRACK_DEG);
  return {
    address: at(Field.address).toLowerCase(),
    callsign: callsign === "" ? null : callsign,
    altitude: ft === null ? null : { ft, isGeometric: geometric === "H" },
    speedKt: within(at(Field.speed), SPEED_KT),
    trackDeg: trackDeg === null ? null : trackDeg % 360,
    // 0, 0 is what those write who know of no place.
    place: latDeg === null || lonDeg === null || (latDeg === 0 && lonDeg === 0) ? null : { latDeg, lonDeg },
    climbFtMin: within(at(Field.climb), CLIMB_FT_MIN),
    isOnGround: isOnGround(at(Field.kind), at(Field.isOnGround)),
  };
}

function within(text: string, { min, max }: { min: number; max: number }): number | null {
  if (!/^-?\d{1,7}(?:\.\d{1,15})?$/.test(text)) return null;
  const value = Number(text);
  return value >= min && value <= max ? value : null;
}

// −1 is yes. Many receivers say nothing there, and the kind alone tells.
function isOnGround(kind: string, flag: string): boolean | null {
  if (kind === Kind.onGround || flag === "-1" || flag === "1") return true;
  return flag === "0" || kind === Kind.airborne ? false : null;
}
