import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { WireWriter } from "../../aggregator/sinks/publishing/wire_writer.ts";
import { FleetRecordSchema } from "../../proto/gen/slipstream/v1/fleet_pb.ts";

const { field } = FleetRecordSchema;
const WHOLE = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 35 + 1, 1_790_000_000_000_001];
const LARGEST = Number.MAX_SAFE_INTEGER;
const SIGNED = [0, 1, -1, 63, -64, 64, -65, 2 ** 31 - 1, -(2 ** 31)];
const TEXTS = ["", "drone-1", "ß→🛸\0", "x".repeat(300), "🛸".repeat(2000)];

describe("a message, field by field", () => {
  const writer = new WireWriter();

  it("has whole numbers as the library reads them", () => {
    for (const value of [...WHOLE, LARGEST]) {
      writer.varint(field.seq.number, value);
      writer.fixed64(field.eventTimeUs.number, value);
      const { seq, eventTimeUs } = fromBinary(FleetRecordSchema, writer.finish());
      assertEquals([seq, eventTimeUs], [BigInt(value), BigInt(value)]);
    }
  });

  it("has signed numbers, as short as the library writes them", () => {
    for (const value of SIGNED) {
      writer.sfixed32(field.latE7.number, value);
      writer.sint32(field.altMslMm.number, value);
      const record = create(FleetRecordSchema, { latE7: value, altMslMm: value });
      assertEquals(writer.finish(), toBinary(FleetRecordSchema, record));
    }
  });

  it("has what is told as hexadecimal digits", () => {
    for (const digits of ["0", "f", "12345678", "123456789", "891e204a5d7ffff", "ffffffffffffffff"]) {
      writer.hex64(field.cell.number, digits);
      assertEquals(fromBinary(FleetRecordSchema, writer.finish()).cell, BigInt(`0x${digits}`));
    }
  });

  it("has texts of any length, the second time as the first", () => {
    for (const text of [...TEXTS, ...TEXTS]) {
      writer.string(field.fleet.number, text);
      writer.string(field.zone.number, text);
      writer.varint(field.flags.number, 2 ** 32 - 1);
      const { fleet, zone, flags } = fromBinary(FleetRecordSchema, writer.finish());
      assertEquals([fleet, zone, flags], [text, text, 2 ** 32 - 1]);
    }
  });

  it("begins anew with each message, which nobody writes to any more", () => {
    writer.string(field.fleet.number, "one");
    const one = writer.finish();
    writer.string(field.fleet.number, "two");
    const two = writer.finish();
    const fleets = [one, two].map((message) => fromBinary(FleetRecordSchema, message).fleet);
    assertEquals([fleets, writer.finish().length], [["one", "two"], 0]);
  });
});
