// Other aircraft, as a receiver on a link has heard them: what is said of each, and what both forms of Remote ID have in common.

/** One aircraft at one moment; what its transmitter did not say is null. */
export interface Traffic {
  source: "ads-b" | "remote-id";
  /** Of its transmitter, in hexadecimal: ICAO's six digits, or a MAC or the like. */
  address: string;
  /** A call sign, or the id that a Remote ID transmitter last said to have. */
  name: string | null;
  /** ADSB_EMITTER_TYPE, or MAV_ODID_UA_TYPE; 0: not said. */
  category: number;
  /** Whether people may be in it: whatever does not say that it is unmanned. */
  crewed: boolean;
  latE7: number;
  lonE7: number;
  altitude: Altitude | null;
  /** Over ground, clockwise from true north, 0..35999. */
  trackCdeg: number | null;
  speedCms: number | null;
  /** + up. */
  climbCms: number | null;
  /** On the ground, or in the air. */
  airborne: boolean | null;
  /** How old it was when the receiver passed it on, as far as it said. */
  ageS: number | null;
}

export interface Altitude {
  mm: number;
  /** Mean sea level; the ellipsoid of WGS84; or 1013.25 hPa. */
  above: "sea" | "ellipsoid" | "pressure";
}

/** What a Remote ID transmitter says of itself, apart from where it is. */
export interface RemoteIdentity {
  name: string;
  category: number;
}

/** What it says of where it is. */
export type RemoteLocation = Pick<
  Traffic,
  "latE7" | "lonE7" | "altitude" | "trackCdeg" | "speedCms" | "climbCms" | "airborne"
>;

const decoder = new TextDecoder();

/** Of Remote ID's, the one of GNSS first; −1000 m: unknown. */
export function altitudeOf({ ellipsoidM, pressureM }: { ellipsoidM: number; pressureM: number }): Altitude | null {
  if (ellipsoidM > -1000 && ellipsoidM < 100_000) return { mm: Math.round(ellipsoidM * 1000), above: "ellipsoid" };
  if (pressureM > -1000 && pressureM < 100_000) return { mm: Math.round(pressureM * 1000), above: "pressure" };
  return null;
}

/** MAV_ODID_STATUS: 1 on the ground, 2 in the air, 3 an emergency, 4 its transmitter fails. */
export function airborneOf(status: number): boolean | null {
  return status === 1 ? false : status === 2 || status === 3 ? true : null;
}

/** Not 0, 0, which is unknown. */
export function isPlace(latE7: number, lonE7: number): boolean {
  return (latE7 !== 0 || lonE7 !== 0) && Math.abs(latE7) <= 900_000_000 && Math.abs(lonE7) <= 1_800_000_000;
}

/** Up to the first zero. */
export function text(view: DataView<ArrayBuffer>, { at, length }: { at: number; length: number }): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length);
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}
