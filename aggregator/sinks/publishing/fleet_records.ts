// A record that counts, as a message of its own: what others need to count as the aggregator does.
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { latLngToCell } from "h3-js";
import { FleetRecordKind, FleetRecordSchema } from "../../../proto/gen/slipstream/v1/fleet_pb.ts";
import { PositionPresence } from "../../../proto/words.ts";
import type { BatteryColumns, ObstacleColumns, PositionColumns } from "../../batch/columns.ts";
import { knownRemainingCpct, knownVoltageMv } from "../../pipeline/drones/readings.ts";
import type { Counted } from "../../pipeline/records/counting.ts";

/** Of H3, as the windows' density by default. */
export const CELL_RESOLUTION = 9;

type Fields = MessageInitShape<typeof FleetRecordSchema>;

/** A FleetRecord's bytes, and whose it is. */
export interface FleetMessage {
  fleet: string;
  zone: string;
  droneId: string;
  value: Uint8Array;
}

/** @param region of whoever accepted it; null: that was not said */
export function fleetMessage(counted: Counted, region: string | null): FleetMessage {
  const { group, record: { drone, i, eventTimeUs, pane }, source, entry, finalBeforeUs } = counted;
  const { fleet, zone } = source.membership;
  const { droneId } = drone;
  const value = toBinary(
    FleetRecordSchema,
    create(FleetRecordSchema, {
      ...{ fleet, zone, droneId, edgeId: entry.edgeId, late: pane === null },
      ...region !== null && { region },
      bootId: BigInt(source.bootId),
      seq: BigInt(group.seq[i]!),
      eventTimeUs: BigInt(Math.round(eventTimeUs)),
      ingestionTimeUs: BigInt(Math.round(entry.ingestionTimeUs)),
      finalBeforeUs: BigInt(finalBeforeUs),
      ...bodyOf(counted),
    }),
  );
  return { fleet, zone, droneId, value };
}

function bodyOf({ group, record: { i }, entry: { columns: { positions, batteries, obstacles } } }: Counted): Fields {
  if (group === positions) return positionOf(positions, i);
  if (group === batteries) return batteryOf(batteries, i);
  if (group === obstacles) return obstaclesOf(obstacles, i);
  return { kind: FleetRecordKind.NEAR_DUPLICATE };
}

function positionOf(p: PositionColumns, i: number): Fields {
  const [latE7, lonE7] = [p.latE7[i]!, p.lonE7[i]!];
  return {
    ...{ kind: FleetRecordKind.POSITION, flags: p.flags[i]!, latE7, lonE7 },
    ...p.presence[i]! & PositionPresence.altMsl && { altMslMm: p.altMslMm[i]! },
    ...{ vnCms: p.vnCms[i]!, veCms: p.veCms[i]!, vdCms: p.vdCms[i]! },
    cell: BigInt(`0x${latLngToCell(latE7 / 1e7, lonE7 / 1e7, CELL_RESOLUTION)}`),
  };
}

function batteryOf(b: BatteryColumns, i: number): Fields {
  const [voltageMv, remainingCpct] = [knownVoltageMv(b, i), knownRemainingCpct(b, i)];
  return {
    ...{ kind: FleetRecordKind.BATTERY, flags: b.flags[i]!, batteryId: b.id[i]! },
    ...voltageMv !== null && { voltageMv },
    ...remainingCpct !== null && { remainingCpct },
  };
}

function obstaclesOf(o: ObstacleColumns, i: number): Fields {
  const from = firstHitsOf(o)[i]!;
  const ranges = o.rangeCm.subarray(from, from + o.hitCount[i]!);
  return {
    ...{ kind: FleetRecordKind.OBSTACLES, flags: o.flags[i]! },
    ...ranges.length > 0 && { rangeCm: ranges.reduce((a, b) => Math.min(a, b)) },
  };
}

/** Where each scan's hits begin. */
const firstHits = new WeakMap<ObstacleColumns, Uint32Array>();

function firstHitsOf(o: ObstacleColumns): Uint32Array {
  let first = firstHits.get(o);
  if (!first) {
    first = new Uint32Array(o.count);
    for (let i = 1; i < o.count; i++) first[i] = first[i - 1]! + o.hitCount[i - 1]!;
    firstHits.set(o, first);
  }
  return first;
}
