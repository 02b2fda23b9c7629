// Who may have a connection more: there are places for so many in all, and from one address for a share of them, taken no
// faster than handshakes can be made beside everything else.
import { networkOf, plainAddress } from "./peer.ts";

export interface PlacesSettings {
  /** At a time, of WebSockets and of whoever asks. */
  connectionsMax: number;
  /** From one address: at a time, and at once; a quarter of them a second for long. */
  addressConnectionsMax: number;
  /** Addresses behind which many stand: no limit holds for one of these. */
  sharedAddresses: ReadonlySet<string>;
}

interface Neighbour {
  connections: number;
  /** Connections of late, less those forgiven since; as of `atMs`. */
  late: number;
  atMs: number;
}

const FORGIVEN_SHARE_PER_S = 0.25;
/** A flood counts as so many connections; with more than four in a few seconds, for each one some seconds pass. */
const FLOOD_SHARE = 0.25;
/** Neighbours without a connection are forgotten beyond so many. */
const NEIGHBOURS_MAX = 10_000;

export class Places {
  readonly #settings: PlacesSettings;
  /** Monotonic ms. */
  readonly #clock: () => number;
  readonly #neighbours = new Map<string, Neighbour>();
  #connections = 0;
  #forgotMs = -Infinity;

  constructor(settings: PlacesSettings, clock: () => number) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Takes a place. @returns why there is none; null: it is taken, until `leave` */
  enter(address: string): "full" | "address" | null {
    const { connectionsMax, addressConnectionsMax, sharedAddresses } = this.#settings;
    if (this.#connections >= connectionsMax) return "full";
    if (!sharedAddresses.has(plainAddress(address))) {
      const neighbour = this.#neighbour(address, this.#clock());
      if (neighbour.connections >= addressConnectionsMax || neighbour.late >= addressConnectionsMax) return "address";
      neighbour.connections++;
      neighbour.late++;
    }
    this.#connections++;
    return null;
  }

  /** Gives a place back that was taken. */
  leave(address: string): void {
    this.#connections--;
    if (this.#settings.sharedAddresses.has(plainAddress(address))) return;
    const neighbour = this.#neighbours.get(networkOf(address));
    if (neighbour) neighbour.connections--;
  }

  /** A connection from there was a flood: the next ones must wait, as each costs others something until it is noticed. */
  flooded(address: string): void {
    const { addressConnectionsMax, sharedAddresses } = this.#settings;
    if (sharedAddresses.has(plainAddress(address))) return;
    this.#neighbour(address, this.#clock()).late += addressConnectionsMax * FLOOD_SHARE;
  }

  #neighbour(address: string, nowMs: number): Neighbour {
    const network = networkOf(address);
    let neighbour = this.#neighbours.get(network);
    if (!neighbour) {
      this.#forget(nowMs);
      this.#neighbours.set(network, neighbour = { connections: 0, late: 0, atMs: nowMs });
    }
    neighbour.late = this.#lateOf(neighbour, nowMs);
    neighbour.atMs = nowMs;
    return neighbour;
  }

  #lateOf({ late, atMs }: Neighbour, nowMs: number): number {
    return Math.max(0, late - (nowMs - atMs) / 1000 * FORGIVEN_SHARE_PER_S * this.#settings.addressConnectionsMax);
  }

  // Looked at only when there are many, once a second: by then most have been gone for long.
  #forget(nowMs: number): void {
    if (this.#neighbours.size < NEIGHBOURS_MAX || nowMs - this.#forgotMs < 1000) return;
    this.#forgotMs = nowMs;
    for (const [network, neighbour] of this.#neighbours) {
      if (neighbour.connections === 0 && this.#lateOf(neighbour, nowMs) === 0) this.#neighbours.delete(network);
    }
  }
}
