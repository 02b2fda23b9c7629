// The sequence numbers in the bytes of a TelemetryFrame that the hot path has accepted: what an acknowledgement of the whole
// frame waits for.
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { TelemetryFrameSchema, TelemetrySchema } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";

const RECORDS = TelemetryFrameSchema.field.records.number;
const SEQ = TelemetrySchema.field.seq.number;

/** Each once. */
export function frameSeqs(frame: Uint8Array): Set<number> {
  const seqs = new Set<number>();
  const reader = new BinaryReader(frame);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === RECORDS) seqs.add(recordSeq(reader.bytes()));
    else reader.skip(type, field);
  }
  return seqs;
}

// Absent: 0, as proto3 has it.
function recordSeq(record: Uint8Array): number {
  const reader = new BinaryReader(record);
  let seq = 0;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === SEQ) seq = reader.uint32();
    else reader.skip(type, field);
  }
  return seq;
}
