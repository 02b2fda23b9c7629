// Frames of MAVLink as a vehicle sends them, made here of their payloads: with right checksums, and signatures.
import { createHash } from "node:crypto";

/** [id, what the checksum begins with, bytes of the whole payload] of messages. */
export const MESSAGES = {
  heartbeat: [0, 50, 9],
  systemStatus: [1, 124, 43],
  systemTime: [2, 137, 12],
  gpsRaw: [24, 24, 52],
  attitude: [30, 39, 28],
  hud: [74, 20, 20],
  statusText: [253, 83, 54],
  position: [33, 104, 28],
  radioStatus: [109, 185, 9],
  distance: [132, 85, 39],
  battery: [147, 154, 54],
  fence: [162, 189, 9],
  landed: [245, 130, 2],
  adsb: [246, 184, 38],
  ring: [330, 23, 167],
  basicId: [12_900, 114, 44],
  location: [12_901, 254, 59],
  pack: [12_915, 94, 249],
} as const;

export interface FrameOptions {
  system?: number;
  component?: number;
  sequence?: number;
  v1?: boolean;
  /** With a system id of 32 bits. */
  wide?: boolean;
  /** Incompatibility flags that nobody knows. */
  flags?: number;
  signature?: { key: Uint8Array; timeUs: number; linkId?: number };
}

const UNIX_US_2015 = 1_420_070_400_000_000;
const crcs = Uint16Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? byte >>> 1 ^ 0x8408 : byte >>> 1;
  return byte;
});

/** `payload` may be cut off or go on as it likes; zeros at the end of one of MAVLink 2 are left out, as they must be. */
export function frameOf(
  name: keyof typeof MESSAGES,
  payload: Uint8Array,
  { system = 1, component = 1, sequence = 0, v1 = false, wide = false, flags: others = 0, signature }: FrameOptions =
    {},
): Uint8Array<ArrayBuffer> {
  const [id, extra] = MESSAGES[name];
  const length = v1 ? payload.length : Math.max(1, payload.findLastIndex((byte) => byte !== 0) + 1);
  const flags = (signature ? 1 : 0) | (wide ? 2 : 0) | others;
  const systems = wide ? [system & 255, system >> 8 & 255, system >> 16 & 255, system >>> 24] : [system];
  const ids = [id & 255, id >> 8 & 255, id >> 16];
  const header = v1
    ? [0xfe, length, sequence, system, component, id]
    : [0xfd, length, flags, 0, sequence, ...systems, component, ...ids];
  const body = Uint8Array.of(...header, ...payload.subarray(0, length), extra);
  const crc = body.subarray(1).reduce((crc, byte) => crc >>> 8 ^ crcs[(crc ^ byte) & 255]!, 0xffff);
  const unsigned = Uint8Array.of(...body.subarray(0, -1), crc & 255, crc >> 8);
  if (!signature) return unsigned;
  const tail = new Uint8Array(7);
  tail[0] = signature.linkId ?? 0;
  const time = BigInt(Math.floor((signature.timeUs - UNIX_US_2015) / 10));
  for (let i = 0; i < 6; i++) tail[i + 1] = Number(time >> BigInt(8 * i) & 255n);
  const hash = createHash("sha256").update(signature.key).update(unsigned).update(tail).digest();
  return Uint8Array.of(...unsigned, ...tail, ...hash.subarray(0, 6));
}

/** What to write into a payload: as what, where, which number. */
export type Field = readonly [
  kind: "Uint8" | "Int8" | "Uint16" | "Int16" | "Uint32" | "Int32" | "Float32" | "Uint64",
  at: number,
  value: number,
];

/** A payload with zeros where nothing is written. */
export function payloadOf(name: keyof typeof MESSAGES, ...fields: Field[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(MESSAGES[name][2]));
  for (const [kind, at, value] of fields) {
    if (kind === "Uint64") view.setBigUint64(at, BigInt(value), true);
    else view[`set${kind}`](at, value, true);
  }
  return new Uint8Array(view.buffer);
}

/** A GLOBAL_POSITION_INT over Zürich. */
export function positionOf(bootMs: number, options: FrameOptions = {}): Uint8Array<ArrayBuffer> {
  const fields: Field[] = [["Uint32", 0, bootMs], ["Int32", 4, 473_977_418], ["Int32", 8, 85_455_938]];
  return frameOf("position", payloadOf("position", ...fields, ["Uint16", 26, 9000]), options);
}
