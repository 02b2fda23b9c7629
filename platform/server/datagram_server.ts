// A server of plain datagrams, over UDP, for protocols that bring their own messages: each address and port from which one
// comes is a peer, with a place among the others, and only such are answered.
import { createSocket, type RemoteInfo } from "node:dgram";
import type { AddressInfo } from "node:net";
import type { Platform } from "../system.ts";
import { type Peer, plainAddress } from "./peer.ts";
import { Places, type PlacesSettings } from "./places.ts";
import type { Refusals } from "./refusals.ts";
import { type Server, urlOf } from "./server.ts";
import type { Stream, StreamEnds } from "./stream_server.ts";

export interface DatagramSettings extends PlacesSettings, Pick<Platform, "clock" | "after" | "log"> {
  host: string;
  /** 0: one that is free. */
  port: number;
  /** Counts whose datagrams were not even looked at. */
  refusals: Refusals;
  /** Takes over a peer. It is one until its stream is closed: nobody else says that it has gone. */
  accept: (stream: Stream, peer: Peer) => StreamEnds;
  /** Whether somebody becomes a peer by this, the first that comes from there; else nothing is kept of it. Default: yes. */
  isWelcome?: (datagram: Uint8Array, peer: Peer) => boolean;
}

interface Known {
  ends: StreamEnds;
  isOpen: boolean;
}

/** What comes from a peer that was closed is not looked at for so long. */
const SHUT_MS = 10_000;

/**
 * Listens, and serves until it is stopped.
 * @throws {Deno.errors.AddrInUse} when the port is taken
 */
export async function serveDatagrams(settings: DatagramSettings): Promise<Server> {
  const { host, port, clock, after, log, refusals, accept, isWelcome = () => true } = settings;
  const places = new Places(settings, clock);
  const peers = new Map<string, Known>();
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");

  function take(name: string, { address, port, bytes }: RemoteInfo & { bytes: Uint8Array }): Known | null {
    const peer: Peer = { address: plainAddress(address), tls: null };
    const refusal = isWelcome(bytes, peer) ? places.enter(address) : "unsigned";
    if (refusal !== null) {
      refusals.count(refusal);
      return null;
    }
    let bufferedBytes = 0;
    const stream: Stream = {
      get open() {
        return known.isOpen;
      },
      get bufferedBytes() {
        return bufferedBytes;
      },
      send: (bytes) => {
        bufferedBytes += bytes.length;
        // One that cannot be sent is lost, as on the way.
        socket.send(bytes, port, address, () => bufferedBytes -= bytes.length);
      },
      close: () => {
        if (!known.isOpen) return;
        known.isOpen = false;
        queueMicrotask(() => known.ends.closed());
        after(SHUT_MS, () => {
          peers.delete(name);
          places.leave(address);
        });
      },
    };
    const known: Known = { ends: { bytes: () => {}, closed: () => {} }, isOpen: true };
    peers.set(name, known);
    known.ends = accept(stream, peer);
    return known;
  }

  socket.on("message", (bytes, from) => {
    if (from.port === 0) return refusals.count("port");
    const name = `${from.address} ${from.port}`;
    const known = peers.get(name) ?? take(name, { ...from, bytes });
    if (known?.isOpen) known.ends.bytes(bytes);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ port, address: host }, () => {
      socket.off("error", reject);
      resolve();
    });
  }).catch((error) => {
    throw "code" in error && error.code === "EADDRINUSE"
      ? new Deno.errors.AddrInUse(error.message, { cause: error })
      : error;
  });
  socket.on("error", (error) => log("warn", `Cannot go on over UDP: ${error.message}`));
  const bound = socket.address() as AddressInfo;
  return {
    url: urlOf({ scheme: "udp", host: bound.address, port: bound.port }),
    stop: () =>
      new Promise((resolve) => {
        for (const known of peers.values()) {
          if (known.isOpen) known.ends.closed();
          known.isOpen = false;
        }
        socket.close(() => resolve());
      }),
  };
}
