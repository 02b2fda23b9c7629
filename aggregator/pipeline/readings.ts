// What a record says, where it says something.
import { RecordFlag } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { BatteryPresence } from "../../proto/words.ts";
import type { BatteryColumns } from "../columns.ts";

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
