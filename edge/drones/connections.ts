// The open connections of drones, whatever they speak: each is here from when it is let in until its socket has closed.
import type { Gate } from "../../identity/gate.ts";
import { ANYONE, type Identity } from "../../identity/identity.ts";
import { CloseCode } from "../../proto/words.ts";
import { Connection, type Protocol, PROTOCOLS, type Wire } from "./connection.ts";
import type { Slots } from "./slots.ts";

export interface ConnectionsParts {
  gate: Pick<Gate, "hold">;
  slots: Pick<Slots, "disconnect">;
  /** Monotonic ms. */
  clock: () => number;
}

export class Connections {
  readonly #parts: ConnectionsParts;
  readonly #open = new Set<Connection>();
  readonly #counts = Object.fromEntries(PROTOCOLS.map((protocol) => [protocol, 0])) as Record<Protocol, number>;

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#open.size;
  }

  /** How many there are of each. */
  get byProtocol(): Readonly<Record<Protocol, number>> {
    return this.#counts;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#open.values();
  }

  /** One more, of somebody who may be here as long as the proof holds. `leave`: its socket has closed. */
  enter(wire: Wire, identity: Identity = ANYONE): { connection: Connection; leave: () => void } {
    const { gate, slots, clock } = this.#parts;
    const connection = new Connection(wire, { clock, identity });
    const letGo = gate.hold(identity, (why) => connection.close(CloseCode.proofEnded, why));
    this.#open.add(connection);
    this.#counts[wire.protocol]++;
    const leave = () => {
      if (!this.#open.delete(connection)) return;
      this.#counts[wire.protocol]--;
      letGo();
      slots.disconnect(connection);
    };
    return { connection, leave };
  }
}
