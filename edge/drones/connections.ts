// The open connections of drones, whatever they speak: each is here from when it is let in until its socket has closed.
import type { Gate } from "../../identity/gate.ts";
import { ANYONE, type Identity } from "../../identity/identity.ts";
import { CloseCode } from "../../proto/words.ts";
import { Connection, type Wire } from "./connection.ts";
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

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#open.size;
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
    const leave = () => {
      if (!this.#open.delete(connection)) return;
      letGo();
      slots.disconnect(connection);
    };
    return { connection, leave };
  }
}
