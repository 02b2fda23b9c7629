// Warnings in MAVLink's words: COLLISION, STATUSTEXT, and, where it is wished for, ADSB_VEHICLE of the intruder, which an
// autopilot's own avoidance evades. MAVLink has no acknowledgement: a warning that is sent is delivered, and no more is known.
import { type Alert, AlertSeverity, AlertState, type Intruder } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import { addressOf } from "./addresses.ts";
import type { MavlinkLink } from "./link.ts";

export interface WarningOptions {
  /** Of the vehicle that is warned. */
  system: number;
  alert: Alert;
  nowUs: number;
  /** Its autopilot may evade the other one of a conflict by itself: it is told where that is. */
  tellsIntruder: boolean;
}

/** MAV_COLLISION_THREAT_LEVEL. */
const Threat = { none: 0, low: 1, high: 2 } as const;
/** MAV_SEVERITY. */
const Severity = { critical: 2, warning: 4, info: 6 } as const;
/** ADSB_FLAGS. */
const Flag = { coordinates: 1, altitude: 2, heading: 4, velocity: 8, callsign: 16, climb: 128 } as const;
const CALLSIGN_LETTERS = 8;
/** Of COLLISION's id. */
const U32 = 2 ** 32;
const SECONDS_MAX = 255;

/** What an alert is to the vehicle that speaks as `system`, to be sent in this order; none: it is not on this link. */
export function warn(
  link: MavlinkLink,
  { system, alert, nowUs, tellsIntruder }: WarningOptions,
): Uint8Array<ArrayBuffer>[] {
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
  const intruder = tellsIntruder && !isOver && alert.what.case === "conflict" ? alert.what.value.intruder : undefined;
  if (intruder) frames.push(composeIntruder(link, { system, nowUs, intruder }));
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
  const { id, crewed, latE7, lonE7, altMslMm, trackCdeg, speedCms, climbCms, ageMs } = intruder;
  const known = (value: number | undefined, flag: number) => value === undefined ? 0 : flag;
  const flags = Flag.coordinates | Flag.callsign | known(altMslMm, Flag.altitude) | known(trackCdeg, Flag.heading) |
    known(speedCms, Flag.velocity) | known(climbCms, Flag.climb);
  // Where it moves on the place is that of now.
  const silentS = speedCms === undefined ? Math.min(SECONDS_MAX, Math.floor(ageMs / 1000)) : 0;
  const motion = [altMslMm ?? 0, trackCdeg ?? 0, speedCms ?? 0, climbCms ?? 0];
  const numbers = [addressOf(id), latE7, lonE7, ...motion, flags, crewed ? 1 : 0, silentS];
  const text = id.replace(/[^\x21-\x7e]/g, "").slice(-CALLSIGN_LETTERS).padEnd(CALLSIGN_LETTERS);
  return link.compose(system, { message: "adsb_vehicle", nowUs, text, numbers });
}
