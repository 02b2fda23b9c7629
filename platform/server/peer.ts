// The other end of a connection, as far as the connection itself tells.
import { isIP } from "../ip.ts";

/** Where everybody comes from on a platform that ends connections: what it tells is of a proxy of its own, or nothing. */
export const PLATFORM_ADDRESS = "platform";

/** Who is at the other end of a connection. */
export interface Peer {
  /** Where it comes from: an IP address, in `plainAddress`' spelling, or `PLATFORM_ADDRESS`. */
  address: string;
  /** Null: its connection is not ours to prove, be it plain or ended by somebody else. */
  tls: null | {
    /** Such as TLSv1.3. */
    protocol: string;
    /** DER of the certificate that it has shown and that was verified; null: it has none. */
    certificate: Uint8Array | null;
  };
}

/** An IPv4 address that came as IPv6, as IPv4. */
export function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice("::ffff:".length) : address;
}

/** What one subscriber has: of IPv6 its first 64 bits, in which he may choose any address. */
export function networkOf(address: string): string {
  const plain = plainAddress(address);
  if (isIP(plain.split("%")[0]!) !== 6) return plain;
  const [before = "", after] = plain.split("%")[0]!.split("::");
  const [head, tail] = [before, after ?? ""].map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = after === undefined ? 0 : 8 - head!.length - tail!.length;
  const groups = [...head!, ...Array.from({ length: zeros }, () => "0"), ...tail!];
  return groups.slice(0, 4).map((group) => parseInt(group, 16).toString(16)).join(":");
}
