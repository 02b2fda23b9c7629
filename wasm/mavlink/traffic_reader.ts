// Reads what receivers on a link pass on of other aircraft: ADS-B, and Remote ID. They are nobody's fleet.
import { readPack } from "./f3411.ts";
import {
  airborneOf,
  altitudeOf,
  isPlace,
  type RemoteIdentity,
  type RemoteLocation,
  text,
  type Traffic,
} from "./traffic.ts";

/** Message ids. */
const ADSB_VEHICLE = 246;
const BASIC_ID = 12_900;
const LOCATION = 12_901;
const MESSAGE_PACK = 12_915;

const AdsbFlag = { coordinates: 1, altitude: 2, heading: 4, velocity: 8, callsign: 16, climb: 128 } as const;
const PRESSURE_ALTITUDE = 0;
const EMITTER_UAV = 14;
/** Transmitters remembered at once: the oldest is forgotten. */
const IDENTITIES_MAX = 256;

/** An item of a link's output: system, component, message id, payload with zeros behind it. */
export class TrafficReader {
  readonly #identities = new Map<string, RemoteIdentity>();

  /** Nothing: it says nothing of where anything is, or is a transmitter's of the vehicle itself. */
  read(item: DataView<ArrayBuffer>): Traffic[] {
    const id = item.getUint32(2, true);
    const payload = new DataView(item.buffer, item.byteOffset + 6, item.byteLength - 6);
    if (id === ADSB_VEHICLE) return listed(readAdsb(payload));
    const address = hex(payload, id === LOCATION ? 32 : 2);
    if (address === null) return [];
    if (id === BASIC_ID) {
      this.#remember(address, { name: text(payload, { at: 24, length: 20 }), category: payload.getUint8(23) });
    }
    if (id === LOCATION) return listed(this.#joined(address, readLocation(payload)));
    if (id !== MESSAGE_PACK) return [];
    const { identity, location } = readPack(payload);
    if (identity) this.#remember(address, identity);
    return listed(this.#joined(address, location));
  }

  #remember(address: string, identity: RemoteIdentity): void {
    this.#identities.delete(address);
    this.#identities.set(address, identity);
    if (this.#identities.size > IDENTITIES_MAX) this.#identities.delete(this.#identities.keys().next().value!);
  }

  #joined(address: string, location: RemoteLocation | null): Traffic | null {
    if (location === null) return null;
    const { name, category } = this.#identities.get(address) ?? { name: "", category: 0 };
    return { source: "remote-id", address, name: name || null, category, crewed: false, ...location, ageS: null };
  }
}

function listed(traffic: Traffic | null): Traffic[] {
  return traffic === null ? [] : [traffic];
}

function readAdsb(payload: DataView<ArrayBuffer>): Traffic | null {
  const flags = payload.getUint16(22, true);
  const said = <T>(flag: number, value: T): T | null => (flags & flag) !== 0 ? value : null;
  const [latE7, lonE7] = [payload.getInt32(4, true), payload.getInt32(8, true)];
  if (said(AdsbFlag.coordinates, true) === null || !isPlace(latE7, lonE7)) return null;
  const category = payload.getUint8(36);
  const above = payload.getUint8(26) === PRESSURE_ALTITUDE ? "pressure" as const : "sea" as const;
  return {
    source: "ads-b",
    address: payload.getUint32(0, true).toString(16).padStart(6, "0"),
    name: said(AdsbFlag.callsign, text(payload, { at: 27, length: 9 }).trim() || null),
    category,
    crewed: category !== EMITTER_UAV,
    latE7,
    lonE7,
    altitude: said(AdsbFlag.altitude, { mm: payload.getInt32(12, true), above }),
    trackCdeg: said(AdsbFlag.heading, payload.getUint16(16, true) % 36_000),
    speedCms: said(AdsbFlag.velocity, payload.getUint16(18, true)),
    climbCms: said(AdsbFlag.climb, payload.getInt16(20, true)),
    airborne: null,
    ageS: payload.getUint8(37),
  };
}

function readLocation(payload: DataView<ArrayBuffer>): RemoteLocation | null {
  const [latE7, lonE7] = [payload.getInt32(0, true), payload.getInt32(4, true)];
  if (!isPlace(latE7, lonE7)) return null;
  const [track, speed, climb] = [payload.getUint16(24, true), payload.getUint16(26, true), payload.getInt16(28, true)];
  return {
    latE7,
    lonE7,
    altitude: altitudeOf({ ellipsoidM: payload.getFloat32(12, true), pressureM: payload.getFloat32(8, true) }),
    trackCdeg: track < 36_000 ? track : null,
    speedCms: speed < 25_500 ? speed : null,
    climbCms: Math.abs(climb) <= 6200 ? climb : null,
    airborne: airborneOf(payload.getUint8(52)),
  };
}

/** An id or MAC of 20 bytes, without the zeros behind it; null: it is all zero. */
function hex(view: DataView<ArrayBuffer>, at: number): string | null {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, 20);
  const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
  return end === 0 ? null : Array.from(bytes.subarray(0, end), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
