import { fromBinary, isFieldSet } from "@bufbuild/protobuf";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { latLngToCell } from "h3-js";
import { FleetRecordKind, FleetRecordSchema } from "../../proto/gen/slipstream/v1/fleet_pb.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { fleetMessage } from "../../aggregator/sinks/publishing/fleet_records.ts";
import { makeEntry, type Row } from "../pipeline/build_batch.ts";

const T0 = 1_790_000_000_000_000;
const S = 1_000_000;

/** What is published of these rows of one drone, in the order in which they count. */
function published(batches: { rows: Row[]; ingestionTimeUs: number }[], region: string | null = null) {
  const records: ReturnType<typeof read>[] = [];
  const read = (value: Uint8Array) => fromBinary(FleetRecordSchema, value);
  const onCounted = (counted: Parameters<typeof fleetMessage>[0]) => {
    const { droneId, value } = fleetMessage(counted, region);
    assertEquals(droneId, "drone-1");
    records.push(read(value));
  };
  const pipeline = new Pipeline({ ...PIPELINE_DEFAULTS, allowedLatenessUs: 5 * S }, { onCounted });
  const slots = [{ slot: 1, droneId: "drone-1", bootId: 7, fleet: "north", zone: "harbour" }];
  for (const batch of batches) pipeline.step(makeEntry({ ...batch, slots, edgeId: "edge-9" }));
  return { records, counted: pipeline.fleet().records };
}

const position = (seq: number, eventTimeUs: number): Row => ({
  ...{ kind: "position", slot: 1, seq, eventTimeUs, flags: 3 },
  ...{ latE7: 474_000_000, lonE7: 85_000_000, altMslMm: 500_000, vnCms: -300, veCms: 400, vdCms: 0 },
});

describe("a record for others", () => {
  it("says what was measured, whose it is, and when it came", () => {
    const { records: [record] } = published([{ rows: [position(5, T0)], ingestionTimeUs: T0 + 2000 }]);
    const { $typeName: _, $unknown: __, ...fields } = record!;
    assertEquals(fields as unknown, {
      ...{ fleet: "north", zone: "harbour", droneId: "drone-1", bootId: 7n, seq: 5n, edgeId: "edge-9", late: false },
      ...{ eventTimeUs: BigInt(T0), ingestionTimeUs: BigInt(T0 + 2000), finalBeforeUs: 0n, flags: 3 },
      ...{ kind: FleetRecordKind.POSITION, latE7: 474_000_000, lonE7: 85_000_000, altMslMm: 500_000 },
      ...{ vnCms: -300, veCms: 400, vdCms: 0, cell: BigInt(`0x${latLngToCell(47.4, 8.5, 9)}`) },
    });
  });

  it("says in which region it was accepted, where that is set", () => {
    const regionIn = (region: string | null) => {
      const { records: [record] } = published([{ rows: [position(5, T0)], ingestionTimeUs: T0 }], region);
      return isFieldSet(record!, FleetRecordSchema.field.region) ? record!.region : null;
    };
    assertEquals([regionIn("eu"), regionIn(null)], ["eu", null]);
  });

  it("leaves out what nobody knows", () => {
    const { records } = published([{
      rows: [
        { kind: "battery", slot: 1, seq: 1, eventTimeUs: T0, id: 2, remainingCpct: 5000 },
        {
          kind: "obstacles",
          slot: 1,
          seq: 2,
          eventTimeUs: T0,
          hits: [{ rangeCm: 900 }, { rangeCm: 300 }, { rangeCm: 500 }],
        },
        { kind: "obstacles", slot: 1, seq: 3, eventTimeUs: T0, hits: [{ rangeCm: 700 }] },
        { kind: "obstacles", slot: 1, seq: 4, eventTimeUs: T0 },
        { kind: "nearDuplicate", slot: 1, seq: 5, eventTimeUs: T0 },
      ],
      ingestionTimeUs: T0,
    }]);
    const has = (name: "voltageMv" | "remainingCpct" | "rangeCm" | "latE7") =>
      records.map((record) => Object.hasOwn(record, name));
    assertEquals(records.map(({ kind }) => FleetRecordKind[kind]), [
      ...["BATTERY", "OBSTACLES", "OBSTACLES", "OBSTACLES", "NEAR_DUPLICATE"],
    ]);
    assertEquals(has("voltageMv"), [false, false, false, false, false]);
    assertEquals(has("remainingCpct"), [true, false, false, false, false]);
    assertEquals(has("rangeCm"), [false, true, true, false, false]);
    assertEquals(has("latE7"), [false, false, false, false, false]);
    assertEquals(records.map(({ rangeCm }) => rangeCm).slice(1, 3), [300, 700]);
  });

  it("is one for each that counts: none of what came twice, and of what came too late for its window one that says so", () => {
    const { records, counted } = published([
      { rows: [position(1, T0), position(2, T0 + S)], ingestionTimeUs: T0 + S },
      { rows: [position(2, T0 + S), position(3, T0 + 30 * S)], ingestionTimeUs: T0 + 30 * S },
      { rows: [position(4, T0 + 31 * S)], ingestionTimeUs: T0 + 31 * S },
      { rows: [position(5, T0 + 2 * S)], ingestionTimeUs: T0 + 31 * S + 1 },
    ]);
    assertEquals(records.map(({ seq }) => Number(seq)), [1, 2, 3, 4, 5]);
    assertEquals(records.length, counted.accepted);
    assertEquals(records.map(({ late }) => late), [false, false, false, false, true]);
    const last = records.at(-1)!;
    assertEquals(last.finalBeforeUs > last.eventTimeUs, true, "a window that is final can say so by its time");
  });
});
