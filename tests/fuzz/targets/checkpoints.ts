// A checkpoint's file with anything in it: read, or passed over. Half of the inputs get their checksum mended.
import { crc32 } from "node:zlib";
import { decodeCheckpoint } from "../../../aggregator/journal/checkpoints.ts";
import { checkpointFile } from "../../journal/checkpoint_file.ts";
import { Scene, straight } from "../../pipeline/scene.ts";
import { Broken, type Session, type Target } from "../target.ts";

const CRC_AT = 12;
const CHECKED_FROM = 16;

function seeds(): Uint8Array[] {
  return [0, 1, 2].map((drones) => {
    const scene = new Scene(Array.from({ length: drones }, (_, i) => {
      return { droneId: `drone-${i}`, slot: i + 1, at: straight({ eastM: 1000 * i, vnMps: 5 }) };
    }));
    scene.flyTo(drones);
    return checkpointFile({ index: 7, timeUs: 5, state: scene.pipeline.snapshot() });
  });
}

function open(): Session {
  return {
    run: (input) => {
      const isMended = input.length % 2 === 0 && input.length > CHECKED_FROM;
      const bytes = isMended ? mended(input) : input.slice();
      const checkpoint = decodeCheckpoint(bytes);
      if (!checkpoint) return `passed over, ${isMended ? "mended" : "as it was"}`;
      if (!Number.isSafeInteger(checkpoint.index)) throw new Broken(`A checkpoint of entry ${checkpoint.index}`);
      return `read, ${isMended ? "mended" : "as it was"}`;
    },
  };
}

function mended(input: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = input.slice();
  new DataView(bytes.buffer).setUint32(CRC_AT, crc32(bytes.subarray(CHECKED_FROM)), true);
  return bytes;
}

export const CHECKPOINTS: Target = { name: "checkpoints", format: "bytes", bytesMax: 1 << 18, seeds, open };
