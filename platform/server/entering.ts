// Who connects to a server of ours, whatever is spoken there: counted in and out, and refused where there is no place or no proof.
import type { Server, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type Peer, plainAddress } from "./peer.ts";
import type { Places } from "./places.ts";
import type { Refusals } from "./refusals.ts";
import { refusalOfHandshake, type TlsEnd } from "./tls.ts";

export interface Entering {
  places: Places;
  refusals: Refusals;
  /** Null: it does not end TLS. */
  tls: TlsEnd | null;
  /** A connection has a place: nothing that it says is heard yet. */
  onOpen: (tcp: Socket) => void;
  /** It is known who it is. */
  onPeer: (socket: Socket, peer: Peer) => void;
}

/** Lets in whoever connects. @returns those that are connected */
export function letIn(server: Server, { places, refusals, tls, onOpen, onPeer }: Entering): ReadonlySet<Socket> {
  const connections = new Set<Socket>();
  server.on("connection", (tcp: Socket) => {
    const address = plainAddress(tcp.remoteAddress ?? "");
    const refusal = places.enter(address);
    if (refusal !== null) {
      refusals.count(refusal);
      tcp.destroy();
      return;
    }
    connections.add(tcp);
    tcp.once("close", () => {
      connections.delete(tcp);
      places.leave(address);
    });
    onOpen(tcp);
    if (!tls) onPeer(tcp, { address, tls: null });
  });
  // Before the server itself hears of it: of whoever is refused not a byte is read.
  server.prependListener("secureConnection", (secured: TLSSocket) => {
    const peer = tls?.peerOf(secured);
    if (peer) return onPeer(secured, peer);
    refusals.count("certificate");
    secured.destroy();
  });
  server.on("tlsClientError", (error: Error & { code?: string }, secured: TLSSocket) => {
    const reason = refusalOfHandshake(error, secured);
    if (reason !== null) refusals.count(reason);
    secured.destroy();
  });
  return connections;
}
