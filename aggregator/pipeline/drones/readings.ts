// What a record says, where it says something.
import { RecordFlag } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { BatteryPresence, PositionPresence } from "../../../proto/words.ts";
import type { BatteryColumns, PositionColumns } from "../../batch/columns.ts";
import type { PositionView } from "../../views.ts";

const VOLTAGE_UNKNOWN_MV = 65_535;

const FLYING = RecordFlag.ARMED | RecordFlag.IN_AIR;

/** In the air, with its motors on: on a collision course it can be. */
export function isFlying({ flags }: { flags: number }): boolean {
  return (flags & FLYING) === FLYING;
}

/** null for what senders put where they know nothing: absent, 0 V, MAVLink's UINT16_MAX. */
export function knownVoltageMv(b: BatteryColumns, i: number): number | null {
  const mv = b.voltageMv[i]!;
  return (b.presence[i]! & BatteryPresence.voltage) !== 0 && mv > 0 && mv < VOLTAGE_UNKNOWN_MV ? mv : null;
}

/** null for what senders put where they know nothing: absent, over 100 %, or 0 % at 0 V. */
export function knownRemainingCpct(b: BatteryColumns, i: number): number | null {
  const presence = b.presence[i]!;
  const cpct = b.remainingCpct[i]!;
  if ((presence & BatteryPresence.remaining) === 0 || cpct > 10_000) return null;
  const noVoltage = (presence & BatteryPresence.voltage) !== 0 && b.voltageMv[i] === 0;
  return cpct === 0 && noVoltage ? null : cpct;
}

const TURN_CDEG = 36_000;

/** A position to be filled by `readPosition`. */
export function noPosition(): PositionView {
  const unknown = { altMslM: null, altHomeM: null, headingDeg: null };
  return { eventTimeUs: 0, latDeg: 0, lonDeg: 0, vnMps: 0, veMps: 0, vdMps: 0, fixType: 0, ...unknown };
}

/** The i-th position as it was sent, into `position`, but for its time. */
export function readPosition(p: PositionColumns, i: number, position: PositionView): void {
  const presence = p.presence[i]!;
  position.latDeg = p.latE7[i]! / 1e7;
  position.lonDeg = p.lonE7[i]! / 1e7;
  position.altMslM = presence & PositionPresence.altMsl ? p.altMslMm[i]! / 1000 : null;
  position.altHomeM = presence & PositionPresence.altHome ? p.altHomeMm[i]! / 1000 : null;
  position.vnMps = p.vnCms[i]! / 100;
  position.veMps = p.veCms[i]! / 100;
  position.vdMps = p.vdCms[i]! / 100;
  const hasHeading = (presence & PositionPresence.heading) !== 0 && p.headingCdeg[i]! < TURN_CDEG;
  position.headingDeg = hasHeading ? p.headingCdeg[i]! / 100 : null;
  position.fixType = p.fixType[i]!;
}
