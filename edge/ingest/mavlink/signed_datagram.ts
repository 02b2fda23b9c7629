// Over UDP an address can be forged: a stranger's first datagram is looked at here, before anything is kept of him.
import { lateNode } from "../../../platform/late_node.ts";

const MAGIC = 0xfd;
/** The only flag that it has. */
const SIGNED = 1;
const HEADER_BYTES = 10;
const CHECKSUM_BYTES = 2;
/** A link's id, the time in 10 µs since 2015, and as much of the hash. */
const SIGNATURE_BYTES = 13;
const HASH_BYTES = 6;
const UNIX_US_2015 = 1_420_070_400_000_000;
/** As where a stream of signatures begins. */
const LAG_US_MAX = 60_000_000;

/** Whether it begins with a frame that a vehicle has signed of late; `keyOf`: that of a system, if it has one. */
export function isSigned(
  datagram: Uint8Array,
  { keyOf, nowUs }: { keyOf: (system: number) => Uint8Array | undefined; nowUs: number },
): boolean {
  const [magic, length = 0, flags, , , system = 0] = datagram;
  const end = HEADER_BYTES + length + CHECKSUM_BYTES + SIGNATURE_BYTES;
  if (magic !== MAGIC || flags !== SIGNED || datagram.length < end) return false;
  const key = keyOf(system);
  if (!key) return false;
  const { createHash, timingSafeEqual } = lateNode("node:crypto");
  const signed = datagram.subarray(0, end - HASH_BYTES);
  const hash = createHash("sha256").update(key).update(signed).digest().subarray(0, HASH_BYTES);
  if (!timingSafeEqual(hash, datagram.subarray(end - HASH_BYTES, end))) return false;
  const time = signed.subarray(-HASH_BYTES).reduceRight((time, byte) => time * 256 + byte, 0);
  return UNIX_US_2015 + time * 10 + LAG_US_MAX >= nowUs;
}
