// Batch bodies back to a TelemetryBatch's bytes, never to more than their stated length: what would expand beyond it
// is refused before it does.
import { loadZstdDecompress, type ZstdDecompress } from "../../platform/zstd.ts";
import { Codec, type SealedBatch } from "../../proto/gen/slipstream/v1/batch_pb.ts";

/** The longest TelemetryBatch that is taken. */
export const RAW_BYTES_MAX = 4 << 20;

/** Exactly the stated bytes, or what is wrong with the body. */
export type Decompressed = { raw: Uint8Array } | { malformed: string };

/** The raw bytes, exactly `rawBytes` of them, or what is wrong with the body. */
export type Decompress = (sealed: Pick<SealedBatch, "codec" | "rawBytes" | "body">) => Decompressed;

/** `native` can be replaced to test the fallback. */
export async function loadDecompress(native?: ZstdDecompress): Promise<Decompress> {
  const zstd = await loadZstdDecompress(native && { native });
  return ({ codec, rawBytes, body }) => {
    if (rawBytes > RAW_BYTES_MAX) return { malformed: `${rawBytes} raw bytes, more than ${RAW_BYTES_MAX}` };
    if (codec === Codec.NONE) return checked(body, rawBytes);
    if (codec !== Codec.ZSTD) return { malformed: `unknown codec ${codec}` };
    const stated = frameContentBytes(body);
    if (stated === "malformed") return { malformed: "not a zstd frame" };
    if (stated !== "unstated" && stated !== BigInt(rawBytes)) {
      return { malformed: `zstd frame of ${stated} bytes, ${rawBytes} stated` };
    }
    try {
      return checked(zstd(body, rawBytes), rawBytes);
    } catch (error) {
      return { malformed: `zstd: ${error instanceof Error ? error.message : error}` };
    }
  };
}

// A truncated zstd frame decodes to fewer bytes without an error: only the length tells.
function checked(raw: Uint8Array, rawBytes: number): Decompressed {
  return raw.length === rawBytes ? { raw } : { malformed: `${raw.length} raw bytes, ${rawBytes} stated` };
}

/** Frame_Content_Size of a zstd frame's header (RFC 8878, 3.1.1.1). */
function frameContentBytes(body: Uint8Array): bigint | "unstated" | "malformed" {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  if (view.byteLength < 6 || view.getUint32(0, true) !== 0xfd2fb528) return "malformed";
  const descriptor = view.getUint8(4);
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryIdBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const at = 5 + (singleSegment ? 0 : 1) + dictionaryIdBytes;
  if (at + sizeBytes > view.byteLength) return "malformed";
  if (sizeBytes === 0) return "unstated";
  if (sizeBytes === 1) return BigInt(view.getUint8(at));
  if (sizeBytes === 2) return BigInt(view.getUint16(at, true) + 256);
  return sizeBytes === 4 ? BigInt(view.getUint32(at, true)) : view.getBigUint64(at, true);
}
