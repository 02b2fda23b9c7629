// A record that counts, as a message of its own: what others need to count as the aggregator does.
import { latLngToCell } from "h3-js";
import { FleetRecordKind, FleetRecordSchema } from "../../../proto/gen/slipstream/v1/fleet_pb.ts";
import { PositionPresence } from "../../../proto/words.ts";
import type { BatteryColumns, ObstacleColumns, PositionColumns } from "../../batch/columns.ts";
import { knownRemainingCpct, knownVoltageMv } from "../../pipeline/drones/readings.ts";
import type { Counted } from "../../pipeline/records/counting.ts";
import { WireWriter } from "./wire_writer.ts";

/** Of H3, as the windows' density by default. */
export const CELL_RESOLUTION = 9;

/** By name. */
const FIELD = Object.fromEntries(
  FleetRecordSchema.fields.map(({ localName, number }) => [localName, number]),
) as Record<
  keyof typeof FleetRecordSchema.field,
  number
>;

const writer = new WireWriter();

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
  writer.string(FIELD.fleet, fleet);
  writer.string(FIELD.zone, zone);
  writer.string(FIELD.droneId, droneId);
  writer.varint(FIELD.bootId, source.bootId);
  writer.varint(FIELD.seq, group.seq[i]!);
  writer.fixed64(FIELD.eventTimeUs, Math.round(eventTimeUs));
  writer.fixed64(FIELD.ingestionTimeUs, Math.round(entry.ingestionTimeUs));
  writer.fixed64(FIELD.finalBeforeUs, finalBeforeUs);
  writer.string(FIELD.edgeId, entry.edgeId);
  writer.varint(FIELD.late, pane === null ? 1 : 0);
  if (region !== null) writer.string(FIELD.region, region);
  writeBody(counted);
  return { fleet, zone, droneId, value: writer.finish() };
}

function writeBody({ group, record: { i }, entry: { columns: { positions, batteries, obstacles } } }: Counted): void {
  if (group === positions) return writePosition(positions, i);
  if (group === batteries) return writeBattery(batteries, i);
  if (group === obstacles) return writeObstacles(obstacles, i);
  writer.varint(FIELD.kind, FleetRecordKind.NEAR_DUPLICATE);
}

function writePosition(p: PositionColumns, i: number): void {
  const [latE7, lonE7] = [p.latE7[i]!, p.lonE7[i]!];
  writer.varint(FIELD.kind, FleetRecordKind.POSITION);
  writer.varint(FIELD.flags, p.flags[i]!);
  writer.sfixed32(FIELD.latE7, latE7);
  writer.sfixed32(FIELD.lonE7, lonE7);
  if (p.presence[i]! & PositionPresence.altMsl) writer.sint32(FIELD.altMslMm, p.altMslMm[i]!);
  writer.sint32(FIELD.vnCms, p.vnCms[i]!);
  writer.sint32(FIELD.veCms, p.veCms[i]!);
  writer.sint32(FIELD.vdCms, p.vdCms[i]!);
  writer.hex64(FIELD.cell, latLngToCell(latE7 / 1e7, lonE7 / 1e7, CELL_RESOLUTION));
}

function writeBattery(b: BatteryColumns, i: number): void {
  const [voltageMv, remainingCpct] = [knownVoltageMv(b, i), knownRemainingCpct(b, i)];
  writer.varint(FIELD.kind, FleetRecordKind.BATTERY);
  writer.varint(FIELD.flags, b.flags[i]!);
  writer.varint(FIELD.batteryId, b.id[i]!);
  if (voltageMv !== null) writer.varint(FIELD.voltageMv, voltageMv);
  if (remainingCpct !== null) writer.varint(FIELD.remainingCpct, remainingCpct);
}

function writeObstacles(o: ObstacleColumns, i: number): void {
  const from = firstHitsOf(o)[i]!;
  const ranges = o.rangeCm.subarray(from, from + o.hitCount[i]!);
  writer.varint(FIELD.kind, FleetRecordKind.OBSTACLES);
  writer.varint(FIELD.flags, o.flags[i]!);
  if (ranges.length > 0) writer.varint(FIELD.rangeCm, ranges.reduce((a, b) => Math.min(a, b)));
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
