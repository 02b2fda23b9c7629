// Warnings in MAVLink's words: COLLISION, STATUSTEXT, and, where it is wished for, ADSB_VEHICLE of the intruder, which an
// autopilot's own avoidance evades. MAVLink has no acknowledgement: a warning that is sent is delivered, and no more is known.
import { type Alert, AlertSeverity, AlertState } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import type { MavlinkLink } from "./link.ts";

/** The other drone of a conflict, where it is now; what is unknown is left out. */
export interface Intruder {
  droneId: string;
  latE7: number;
  lonE7: number;
  altMslMm?: number;
  trackCdeg?: number;
  speedCms?: number;
  /** + up. */
  climbCms?: number;
}

export interface WarningOptions {
  /** Of the vehicle that is warned. */
  system: number;
  alert: Alert;
  nowUs: number;
  /** Where it is given, its autopilot may evade it by itself. */
  intruder?: Intruder;
}

/** MAV_COLLISION_THREAT_LEVEL. */
const Threat = { none: 0, low: 1, high: 2 } as const;
/** MAV_SEVERITY. */
const Severity = { critical: 2, warning: 4, info: 6 } as const;
/** ADSB_FLAGS. */
const Flag = { coordinates: 1, altitude: 2, heading: 4, velocity: 8, callsign: 16, climb: 128 } as const;
const CALLSIGN_LETTERS = 8;
/** Of COLLISION's id, and of a 24-bit address. */
const U32 = 2 ** 32;
const U24 = 2 ** 24;

/** What an alert is to the vehicle that speaks as `system`, to be sent in this order; none: it is not on this link. */
export function warn(link: MavlinkLink, { system, alert, nowUs, intruder }: WarningOptions): Uint8Array<ArrayBuffer>[] {
  const isOver = alert.state === AlertState.RESOLVED;
  const isCritical = alert.severity === AlertSeverity.CRITICAL;
  const frames = [];
  if (alert.what.case === "conflict") {
    const { timeToClosestMs, closestVerticalCm = 0, closestHorizontalCm } = alert.what.value;
    const threat = isOver ? Threat.none : isCritical ? Threat.high : Threat.low;
    const id = Number(alert.alertId % BigInt(U32));
    const closest = [timeToClosestMs / 1000, closestVerticalCm / 100, closestHorizontalCm / 100];
    frames.push(link.compose(system, { message: "collision", nowUs, numbers: [id, threat, ...closest] }));
  }
  const severity = isOver ? Severity.info : isCritical ? Severity.critical : Severity.warning;
  const text = asciiOf(isOver ? `Over: ${alert.message}` : alert.message);
  frames.push(link.compose(system, { message: "status_text", nowUs, text, numbers: [severity] }));
  if (intruder && !isOver) frames.push(composeIntruder(link, { system, nowUs, intruder }));
  return frames.filter((frame) => frame !== null);
}

/** What every reader of MAVLink's texts reads: letters without their marks, and a question mark for what is left. */
function asciiOf(text: string): string {
  return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replace(/[^\x20-\x7e]/gu, "?");
}

function composeIntruder(
  link: MavlinkLink,
  { system, nowUs, intruder }: { system: number; nowUs: number; intruder: Intruder },
): Uint8Array<ArrayBuffer> | null {
  const { droneId, latE7, lonE7, altMslMm, trackCdeg, speedCms, climbCms } = intruder;
  const known = (value: number | undefined, flag: number) => value === undefined ? 0 : flag;
  const flags = Flag.coordinates | Flag.callsign | known(altMslMm, Flag.altitude) | known(trackCdeg, Flag.heading) |
    known(speedCms, Flag.velocity) | known(climbCms, Flag.climb);
  const numbers = [
    addressOf(droneId),
    latE7,
    lonE7,
    altMslMm ?? 0,
    trackCdeg ?? 0,
    speedCms ?? 0,
    climbCms ?? 0,
    flags,
  ];
  const text = droneId.replace(/[^\x21-\x7e]/g, "").slice(-CALLSIGN_LETTERS).padEnd(CALLSIGN_LETTERS);
  return link.compose(system, { message: "adsb_vehicle", nowUs, text, numbers });
}

/** A drone without an ICAO address needs one all the same, always the same one: FNV-1a of its id. */
function addressOf(droneId: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < droneId.length; i++) hash = Math.imul(hash ^ droneId.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % U24;
}
