import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { clone, create, createFileRegistry, type DescMessage, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence, FieldDescriptorProto_Type, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { file_slipstream_v1_fleet, FleetRecordSchema } from "../../proto/gen/slipstream/v1/fleet_pb.ts";

/** FleetRecord as a version before or after this one has it. */
function otherVersion(change: (file: FileDescriptorProto) => void): DescMessage {
  const file = clone(FileDescriptorProtoSchema, file_slipstream_v1_fleet.proto);
  change(file);
  return createFileRegistry(file, () => undefined).getMessage("slipstream.v1.FleetRecord")!;
}

const older = otherVersion(({ messageType: [record] }) => {
  record!.field = record!.field.filter(({ name }) => name !== "late" && name !== "cell");
});
const newer = otherVersion(({ messageType: [record] }) => {
  const like = record!.field.find(({ name }) => name === "range_cm")!;
  record!.field.push({
    ...like,
    name: "wind_cms",
    jsonName: "windCms",
    number: 99,
    type: FieldDescriptorProto_Type.UINT32,
  });
});

describe("a record that is published", () => {
  const record = create(FleetRecordSchema, { droneId: "d", seq: 7n, latE7: 0, late: false, cell: 5n });
  const known = { droneId: "d", seq: "7", latE7: 0 };

  it("is read by who knows fewer fields: those are left out, all others are as ever", () => {
    assertEquals(toJson(older, fromBinary(older, toBinary(FleetRecordSchema, record))), known);
  });

  it("is read by who knows more: what is not there is absent, not 0", () => {
    assertEquals(toJson(newer, fromBinary(newer, toBinary(FleetRecordSchema, record))), {
      ...{ ...known, cell: "5", late: false },
    });
  });

  it("has presence in each field: what is 0 is there", () => {
    const presence = FleetRecordSchema.fields.map(({ presence }) => presence);
    assertEquals(new Set(presence), new Set([FeatureSet_FieldPresence.EXPLICIT]));
  });
});
