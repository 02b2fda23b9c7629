import { type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Lane, TelemetryBatchSchema } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import {
  BatterySchema,
  ObstacleScan_HitSchema,
  ObstacleScanSchema,
  PositionSchema,
  RecordFlag,
  TelemetryFrameSchema,
} from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import {
  ALERT_ACKS_MAX,
  BatteryPresence,
  DRONE_ID_BYTES_MAX,
  FRAME_BYTES_MAX,
  FRAME_RECORDS_MAX,
  HitPresence,
  PositionPresence,
} from "../../proto/words.ts";
import { DRONES_MAX, LaneIndex, MEMORY_PAGES, SOURCES_MAX } from "../../wasm/limits.ts";
import { FAULTS } from "../../wasm/verdict.ts";

/** The constants of an AssemblyScript file that are plain numbers. */
async function constants(file: string): Promise<Map<string, bigint>> {
  const text = await Deno.readTextFile(new URL(`../../wasm/assembly/${file}.ts`, import.meta.url));
  const found = text.matchAll(/^(?:export )?const (\w+): \w+ = (0[bx][\w]+|[\d_]+)(?: << \d+(?: \| \w+)?)?;/gm);
  return new Map(Array.from(found, ([, name, value]) => [name!, BigInt(value!.replaceAll("_", ""))]));
}

const [layout, fields, laneChoice, seal, frame] = await Promise.all(
  ["layout", "fields", "lane_choice", "seal", "frame"].map(constants),
) as [Constants, Constants, Constants, Constants, Constants];
type Constants = Map<string, bigint>;

const numberOf = (schema: DescMessage, field: string) => schema.fields.find(({ name }) => name === field)!.number;
const scalars = (schema: DescMessage, types: ScalarType[]) =>
  schema.fields.filter(({ scalar }) => scalar !== undefined && types.includes(scalar)).map(({ number }) => number);
const mask = (numbers: number[]) => numbers.reduce((bits, number) => bits | 1n << BigInt(number), 0n);
/** 4 bits a field number: the presence bit's number + 1. */
const presence = (schema: DescMessage, bits: Record<string, number>) =>
  Object.entries(bits).reduce((all, [name, bit]) => {
    const { number } = schema.fields.find((field) => field.localName.startsWith(name))!;
    return all | BigInt(Math.log2(bit) + 1) << BigInt(4 * number);
  }, 0n);

describe("the constants of the hot path", () => {
  for (
    const { of, schema, prefix, bits } of [
      { of: "a position", schema: PositionSchema, prefix: "POSITION", bits: PositionPresence },
      { of: "a battery", schema: BatterySchema, prefix: "BATTERY", bits: BatteryPresence },
      { of: "an obstacle scan", schema: ObstacleScanSchema, prefix: "SCAN", bits: {} },
      { of: "a hit", schema: ObstacleScan_HitSchema, prefix: "HIT", bits: HitPresence },
    ]
  ) {
    it(`read every field of ${of} as the contract has it`, () => {
      const varints = scalars(schema, [ScalarType.UINT32, ScalarType.SINT32]);
      const fixed = scalars(schema, [ScalarType.SFIXED32]);
      assertGreater(varints.length, 0);
      assertEquals(fields.get(`${prefix}_VARINTS`), mask(varints));
      assertEquals(fields.get(`${prefix}_ZIGZAGS`) ?? 0n, mask(scalars(schema, [ScalarType.SINT32])));
      assertEquals(fields.get(`${prefix}_FIXED`) ?? 0n, mask(fixed));
      const name = prefix === "HIT" ? "HIT_PRESENCE_BITS" : `${prefix}_PRESENCE`;
      assertEquals(fields.get(name) ?? 0n, presence(schema, bits));
      const optional = schema.fields.filter(({ proto }) => proto.proto3Optional).length;
      assertEquals(Object.keys(bits).length, optional);
    });
  }

  it("seal columns by the contract's numbers", () => {
    const column = (kind: string) => TelemetryBatchSchema.fields.find(({ name }) => name === kind)!.message!;
    const [positions, batteries, obstacles] = [column("positions"), column("batteries"), column("obstacles")];
    const expected = {
      BATCH_POSITIONS: numberOf(TelemetryBatchSchema, "positions"),
      BATCH_BATTERIES: numberOf(TelemetryBatchSchema, "batteries"),
      BATCH_OBSTACLES: numberOf(TelemetryBatchSchema, "obstacles"),
      BATCH_NEAR_DUPLICATES: numberOf(TelemetryBatchSchema, "near_duplicates"),
      POSITION_LAT_E7: numberOf(positions, "lat_e7"),
      BATTERY_ID: numberOf(batteries, "id"),
      SCAN_SENSOR_ID: numberOf(obstacles, "sensor_id"),
      SCAN_HIT_COUNT: numberOf(obstacles, "hit_count"),
      SCAN_HITS: numberOf(obstacles, "hits"),
      HITS_PRESENCE: numberOf(obstacles, "hit_presence"),
      HITS_BEARING_CDEG: numberOf(obstacles, "bearing_cdeg"),
      POSITION_FIELDS: PositionSchema.fields.length,
      BATTERY_FIELDS: BatterySchema.fields.length,
      SCAN_FIELDS: ObstacleScanSchema.fields.length - 1,
      HIT_FIELDS: ObstacleScan_HitSchema.fields.length,
    };
    for (const [name, number] of Object.entries(expected)) assertEquals([name, seal.get(name)], [name, BigInt(number)]);
    for (const kind of [positions, batteries]) {
      for (const field of ["count", "slot", "seq", "event_s", "event_us", "flags", "presence"]) {
        const name = `COLUMN_${field.toUpperCase()}`;
        assertEquals([name, seal.get(name)], [name, BigInt(numberOf(kind, field))]);
      }
    }
  });

  it("choose lanes by the contract's flags, fields and bits", () => {
    assertEquals(laneChoice.get("FLAG_EMERGENCY"), BigInt(RecordFlag.EMERGENCY));
    assertEquals(laneChoice.get("VOLTAGE_PRESENT"), BigInt(BatteryPresence.voltage));
    assertEquals(laneChoice.get("REMAINING_PRESENT"), BigInt(BatteryPresence.remaining));
    assertEquals(layout.get("HIT_RANGE_CM"), BigInt(4 * (numberOf(ObstacleScan_HitSchema, "range_cm") - 1)));
    assertEquals(
      layout.get("HIT_RANGE_RATE_CMS"),
      BigInt(4 * (numberOf(ObstacleScan_HitSchema, "range_rate_cms") - 1)),
    );
    assertEquals(layout.get("LANE_SAFETY"), BigInt(LaneIndex.safety));
    assertEquals(layout.get("LANE_BULK"), BigInt(LaneIndex.bulk));
    assertEquals([Lane.SAFETY, Lane.BULK], [LaneIndex.safety + 1, LaneIndex.bulk + 1]);
  });

  it("have the limits of the contract and of the binding", () => {
    const expected = {
      FRAME_BYTES_MAX,
      RECORDS_MAX: FRAME_RECORDS_MAX,
      ID_BYTES_MAX: DRONE_ID_BYTES_MAX,
      ALERT_ACKS_MAX,
      DRONES_MAX,
      MEMORY_PAGES,
      BOOTS: SOURCES_MAX,
    };
    for (const [name, limit] of Object.entries(expected)) assertEquals([name, layout.get(name)], [name, BigInt(limit)]);
  });

  it("name as many faults of a frame as there are words for, and read the frame's own fields", () => {
    const faults = [...frame].filter(([name]) => name.startsWith("FAULT_")).map(([, number]) => Number(number));
    assertEquals(faults, Array.from({ length: FAULTS.length - 1 }, (_, i) => i + 1));
    for (const field of ["drone_id", "boot_id", "records", "alert_acks"]) {
      assertEquals(frame.get(`FRAME_${field.toUpperCase()}`), BigInt(numberOf(TelemetryFrameSchema, field)));
    }
  });
});
