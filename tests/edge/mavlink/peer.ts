// A MAVLink peer that does exactly what a test says, over a socket of this process.
import { ANYONE, type Identity } from "../../../identity/identity.ts";
import { StillEdge, StillSocket } from "../still_rig.ts";

export class Peer extends StillSocket {
  static async open(rig: StillEdge, identity: Partial<Identity> = {}): Promise<Peer> {
    const peer = new Peer();
    (await rig.edge.mavlink.open()).accept(peer.socket, { ...ANYONE, ...identity });
    peer.open();
    return peer;
  }

  /** The ids of the messages that it was sent; all are of MAVLink 2. */
  get heardIds(): number[] {
    return this.sent.flatMap((bytes) => {
      const ids = [];
      for (let at = 0; at < bytes.length; at += 12 + bytes[at + 1]! + (bytes[at + 2]! & 1 ? 13 : 0)) {
        ids.push(bytes[at + 7]! | bytes[at + 8]! << 8 | bytes[at + 9]! << 16);
      }
      return ids;
    });
  }
}

/** Whose records the aggregator has, each once. */
export function dronesOf(rig: StillEdge): string[] {
  return [...new Set(rig.batches.flatMap(({ slots }) => slots.map(({ droneId }) => droneId)))].sort();
}

/** Records that the aggregator has. */
export function recordsOf(rig: StillEdge): number {
  return rig.batches.reduce((sum, { records }) => sum + records, 0);
}
