// The other end of a connection, as far as the connection itself tells.

/** Who is at the other end of a connection. */
export interface Peer {
  /** Where it comes from, as an IP address. */
  address: string;
  /** Null: its connection is not ours to prove, be it plain or ended by somebody else. */
  tls: null | {
    /** Such as TLSv1.3. */
    protocol: string;
    /** DER of the certificate that it has shown and that was verified; null: it has none. */
    certificate: Uint8Array | null;
  };
}
