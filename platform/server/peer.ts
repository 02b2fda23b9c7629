// The other end of a connection, as far as the connection itself tells.

/** Where everybody comes from on a platform that ends connections: what it tells is of a proxy of its own, or nothing. */
export const PLATFORM_ADDRESS = "platform";

/** Who is at the other end of a connection. */
export interface Peer {
  /** Where it comes from: an IP address, or `PLATFORM_ADDRESS`. */
  address: string;
  /** Null: its connection is not ours to prove, be it plain or ended by somebody else. */
  tls: null | {
    /** Such as TLSv1.3. */
    protocol: string;
    /** DER of the certificate that it has shown and that was verified; null: it has none. */
    certificate: Uint8Array | null;
  };
}
