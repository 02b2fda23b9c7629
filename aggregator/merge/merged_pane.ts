// What one drone contributed to one second of one region, as it was told: windows are sums of these as of the aggregator's own.
import { isFieldSet } from "@bufbuild/protobuf";
import { isValidCell } from "h3-js";
import {
  type ChargeSecond,
  ChargeSecondSchema,
  type DroneSecond,
  DroneSecondSchema,
} from "../../proto/gen/slipstream/v1/fleet_pb.ts";
import { type ChargePane, NO_PLACE } from "../pipeline/windows/pane.ts";
import type { SpanPart } from "../pipeline/windows/sliding.ts";
import type { CountedPane } from "../pipeline/windows/tumbling.ts";

export type MergedPane = CountedPane & SpanPart;

const FIELDS = DroneSecondSchema.field;
const TURN_E7 = 3_600_000_000;

/** @param startUs of the second */
export function mergedPane(told: DroneSecond, startUs: number): MergedPane {
  const { droneId, nearDuplicates, batteries, obstacles, positions: forwarded } = told;
  return {
    membership: { drone: { droneId } },
    ...{ positions: forwarded + nearDuplicates, nearDuplicates, batteries, obstacles, forwarded },
    speedSumCms: Number(told.speedSumCms),
    downSumCms: Number(told.downSumCms),
    charges: told.charges.map((charge) => chargePane(charge, startUs)),
    ...placeOf(told, startUs),
  };
}

function placeOf(told: DroneSecond, startUs: number) {
  const { altMissing, altHomeMissing, latMinE7, latSpanE7, lonMinE7, lonSpanE7 } = told;
  const cell = told.cell.toString(16);
  const rest = { altMissing, altHomeMissing, latestCell: () => cell };
  // Of what is no cell nobody knows the area.
  if (!isFieldSet(told, FIELDS.latestUs) || !isValidCell(cell)) return { ...NO_PLACE, ...rest, hasPlace: false };
  const isOnBothSides = isFieldSet(told, FIELDS.lonFarMinE7);
  const lonFarMinE7 = isOnBothSides ? told.lonFarMinE7 : lonMinE7 < 0 ? lonMinE7 + TURN_E7 : lonMinE7;
  return {
    ...rest,
    hasPlace: true,
    ...{ latestUs: startUs + told.latestUs, latestSeq: Number(told.latestSeq) },
    ...{ latMinE7, latMaxE7: latMinE7 + latSpanE7, lonMinE7, lonMaxE7: lonMinE7 + lonSpanE7 },
    ...{ lonFarMinE7, lonFarMaxE7: lonFarMinE7 + (isOnBothSides ? told.lonFarSpanE7 : lonSpanE7) },
    ...isFieldSet(told, FIELDS.altMinMm)
      ? { altMinMm: told.altMinMm, altMaxMm: told.altMinMm + told.altSpanMm }
      : { altMinMm: Infinity, altMaxMm: -Infinity },
    ...isFieldSet(told, FIELDS.altHomeMinMm)
      ? { altHomeMinMm: told.altHomeMinMm, altHomeMaxMm: told.altHomeMinMm + told.altHomeSpanMm }
      : { altHomeMinMm: Infinity, altHomeMaxMm: -Infinity },
  };
}

function chargePane(told: ChargeSecond, startUs: number): ChargePane {
  const { batteryId: id, lastCpct } = told;
  const last = { lastUs: startUs + told.lastUs, lastSeq: Number(told.lastSeq), lastCpct };
  if (!isFieldSet(told, ChargeSecondSchema.field.firstUs)) {
    return { id, firstUs: last.lastUs, firstSeq: last.lastSeq, firstCpct: lastCpct, ...last };
  }
  return { id, firstUs: startUs + told.firstUs, firstSeq: Number(told.firstSeq), firstCpct: told.firstCpct, ...last };
}
