// MAVLink 1 and 2: the links of this edge, over whatever carries them. Loaded when the first peer comes.
import type { Identity } from "../../../identity/identity.ts";
import { CloseCode } from "../../../proto/words.ts";
import type { Mavlink } from "../../../wasm/mavlink.ts";
import { type Carrier, type Ends, overWebSocket } from "../carrier/carrier.ts";
import { Link, type LinkParts } from "./link.ts";
import { isSigned } from "./signed_datagram.ts";
import { Systems, type SystemsParts } from "./systems.ts";

export interface LinksParts
  extends Omit<LinkParts, "mavlink" | "identity" | "systems">, Pick<SystemsParts, "names" | "keys"> {
  /** Why the edge takes no new connections now; null when it does. */
  refusesConnections: () => string | null;
  /** Runs what may throw; false: it did. */
  attempt: (fn: () => void) => boolean;
}

const NOTHING: Ends = { bytes: () => {}, text: () => {}, closed: () => {} };

export class Links {
  readonly #mavlink: Mavlink;
  readonly #parts: LinksParts;
  readonly #links = new Set<Link>();

  constructor(mavlink: Mavlink, parts: LinksParts) {
    this.#mavlink = mavlink;
    this.#parts = parts;
  }

  /** Takes over a socket, open or opening, of somebody who was let in. */
  accept(socket: WebSocket, identity: Identity): void {
    overWebSocket(socket, (carrier) => this.take(carrier, identity));
  }

  /** Whether a stranger's datagram is of somebody who has a key. */
  isSigned(datagram: Uint8Array): boolean {
    const { names, keys, now } = this.#parts;
    const systems = new Systems({ droneIds: null, mustSign: true, names, keys });
    return isSigned(datagram, { keyOf: (system) => systems.admit(system)?.key, nowUs: now() * 1000 });
  }

  /**
   * One more link.
   * @param mustSign nothing but their signatures says who the vehicles are
   * @returns what it is told of its carrier
   */
  take(carrier: Carrier, identity: Identity, { mustSign = false } = {}): Ends {
    const { names, keys, attempt, refusesConnections } = this.#parts;
    const why = refusesConnections();
    if (why !== null) {
      carrier.close(CloseCode.goingAway, `Cannot connect: ${why}`);
      return NOTHING;
    }
    const systems = new Systems({ droneIds: identity.droneIds, mustSign, names, keys });
    const link = new Link(carrier, { ...this.#parts, mavlink: this.#mavlink, identity, systems });
    this.#links.add(link);
    return {
      bytes: (chunk) =>
        void (attempt(() => link.bytes(chunk)) || link.close(CloseCode.internalError, "Internal error")),
      text: () => link.close(CloseCode.unsupportedData, "MAVLink is binary messages"),
      closed: () => {
        this.#links.delete(link);
        link.closed();
      },
    };
  }

  /** Once a second. */
  check(): void {
    const { clock, attempt } = this.#parts;
    const nowMs = clock();
    for (const link of this.#links) attempt(() => link.check(nowMs));
  }
}
