// Frames that are sent for ever: sequence numbers, event times and latitudes are written over the old ones where they stand,
// which costs some nanoseconds a record and keeps each frame as long as it was.
import { create, toBinary } from "@bufbuild/protobuf";
import { type Telemetry, TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";

/** From here on a varint has five bytes. */
export const FIRST_SEQ = 1 << 28;
/** Unix µs. */
export const START_US = 1_760_000_000_000_000;
/** Armed, in the air, on a mission. */
const FLAGS = 7;
/** The last characters of an id, which `renameDrone` writes. */
const ID_DIGITS = 8;
const ID_DIGIT_FIRST = 0x30;

type RecordBody = Extract<Telemetry["body"], { case: string }>;
type Init<T> = T extends { case: infer C; value: infer V } ? { case: C; value: Omit<V, `$${string}`> } : never;
/** A body as plain numbers. */
export type BodyInit = Init<RecordBody>;

/** Where a record has its changing numbers, in the bytes that the frame is in. */
export interface NumberedRecord {
  seqAt: number;
  timeAt: number;
  /** -1: it has no latitude. */
  latAt: number;
}

/** How a drone's records go on with their number. */
export interface Numbering {
  stepUs: number;
  /** A latitude is up to `latSteps` × `stepE7` more than the frame's. */
  stepE7: number;
  latSteps: number;
}

export interface NumberedFrame {
  bytes: Uint8Array<ArrayBuffer>;
  records: NumberedRecord[];
  view: DataView;
  /** Of its first position. */
  latE7: number;
  /** Where the id has digits to overwrite. */
  idAt: number;
}

/** A frame of records 0, 1, 2, … of one drone. */
export function numberedFrame(
  droneId: string,
  { bootId, bodies }: { bootId: number; bodies: readonly BodyInit[] },
): NumberedFrame {
  const bytes = toBinary(
    TelemetryFrameSchema,
    create(TelemetryFrameSchema, {
      droneId,
      bootId,
      records: bodies.map((body, i) => ({
        seq: FIRST_SEQ + i,
        eventTimeUs: BigInt(START_US + i),
        flags: FLAGS,
        body: body as RecordBody,
      })),
    }),
  );
  return {
    bytes,
    records: findRecords(bytes, { records: bodies.length, repeated: 1 }),
    view: new DataView(bytes.buffer),
    latE7: bodies.find((body) => body.case === "position")?.value.latE7 ?? 0,
    idAt: 2 + droneId.length - ID_DIGITS,
  };
}

/** The same frames one after another in memory: one that has just been read from a socket is in the cache as well. */
export function packed(frames: readonly NumberedFrame[]): NumberedFrame[] {
  const memory = new Uint8Array(frames.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  return frames.map((frame) => {
    memory.set(frame.bytes, at);
    const bytes = memory.subarray(at, at += frame.bytes.length);
    return { ...frame, bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
  });
}

/**
 * A record: tag 0x08, sequence number (5 bytes), tag 0x11, event time (8), tag and flags, tag and length of the body; of a
 * position then 0x0d and the latitude. `repeated`: so many times the same frame.
 * @throws {Error} when they are not as many as expected
 */
export function findRecords(
  bytes: Uint8Array<ArrayBuffer>,
  { records, repeated }: { records: number; repeated: number },
): NumberedRecord[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: NumberedRecord[] = [];
  for (let at = 0; at + 15 <= bytes.length; at++) {
    if (bytes[at] !== 0x08 || bytes[at + 6] !== 0x11) continue;
    const timeUs = view.getUint32(at + 7, true) + view.getUint32(at + 11, true) * 2 ** 32;
    if (timeUs < START_US || timeUs >= START_US + records) continue;
    const isPosition = bytes[at + 17] === 0x22 && bytes[at + 19] === 0x0d;
    found.push({ seqAt: at + 1, timeAt: at + 7, latAt: isPosition ? at + 20 : -1 });
  }
  const expected = records * repeated;
  if (found.length !== expected) throw new Error(`Cannot number records: ${found.length} of ${expected} found`);
  return found;
}

/** Makes its records those of the number `first` and up, counted from 0. */
export function renumber(
  { view, records, latE7 }: Pick<NumberedFrame, "view" | "records" | "latE7">,
  first: number,
  { stepUs, stepE7, latSteps }: Numbering,
): void {
  for (let i = 0; i < records.length; i++) {
    const { seqAt, timeAt, latAt } = records[i]!;
    const n = first + i;
    const seq = FIRST_SEQ + n;
    // Four digits of seven bits, each with the bit that says that another one follows; and the fifth.
    const digits = seq & 0x7f | seq << 1 & 0x7f00 | seq << 2 & 0x7f0000 | seq << 3 & 0x7f000000;
    view.setUint32(seqAt, digits | 0x80808080, true);
    view.setUint8(seqAt + 4, seq >>> 28);
    const timeUs = START_US + n * stepUs;
    view.setUint32(timeAt, timeUs >>> 0, true);
    view.setUint32(timeAt + 4, timeUs / 2 ** 32 >>> 0, true);
    if (latAt >= 0) view.setInt32(latAt, latE7 + n % latSteps * stepE7, true);
  }
}

/** Makes it a frame of another drone: the last eight characters of its id say `n`. */
export function renameDrone({ bytes, idAt }: NumberedFrame, n: number): void {
  for (let i = 0; i < ID_DIGITS; i++) bytes[idAt + i] = ID_DIGIT_FIRST + (n >>> 4 * i & 15);
}
