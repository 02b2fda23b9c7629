// MQTT 3.1.1 and 5.0: the clients of this edge, over whatever carries them. Loaded when the first of them comes.
import type { Asking } from "../../../identity/gate.ts";
import { type Carrier, type Ends, overWebSocket } from "../carrier/carrier.ts";
import { Client, type ClientParts } from "./client.ts";
import { Codec } from "./codec.ts";
import { Handshake, type HandshakeParts } from "./handshake.ts";
import { Reason } from "./reasons.ts";
import { Sessions, type SessionsParts } from "./sessions.ts";

export interface MqttParts
  extends
    Omit<ClientParts, "codec" | "handshake" | "sessions">,
    SessionsParts,
    Omit<HandshakeParts, "asking" | "newClientId"> {
  fillRandom: (bytes: Uint8Array<ArrayBuffer>) => void;
}

const CLIENT_ID_BYTES = 12;

export class Mqtt {
  readonly #parts: MqttParts;
  readonly #codec = new Codec();
  readonly #sessions: Sessions;
  readonly #clients = new Set<Client>();

  constructor(parts: MqttParts) {
    this.#parts = parts;
    this.#sessions = new Sessions(parts);
  }

  /** Takes over a socket, open or opening. `asking`: what it was made of. */
  accept(socket: WebSocket, asking: Asking): void {
    overWebSocket(socket, (carrier) => this.take(carrier, asking));
  }

  /** One more client. @returns what it is told of its carrier */
  take(carrier: Carrier, asking: Asking): Ends {
    const { attempt } = this.#parts;
    const handshake = new Handshake({ ...this.#parts, asking, newClientId: () => this.#newClientId() });
    const client = new Client(carrier, { ...this.#parts, codec: this.#codec, sessions: this.#sessions, handshake });
    this.#clients.add(client);
    const failed = { reason: Reason.implementationSpecific, why: "Internal error" };
    return {
      bytes: (chunk) => attempt(() => client.bytes(chunk)) || client.end(failed),
      text: () => client.end({ reason: Reason.malformedPacket, why: "text is no MQTT" }),
      closed: () => {
        this.#clients.delete(client);
        client.closed();
      },
    };
  }

  /** Once a second. */
  check(): void {
    const { clock, attempt } = this.#parts;
    const nowMs = clock();
    for (const client of this.#clients) attempt(() => client.check(nowMs));
    this.#sessions.check();
  }

  #newClientId(): string {
    const bytes = new Uint8Array(CLIENT_ID_BYTES);
    this.#parts.fillRandom(bytes);
    return `slipstream-${bytes.toHex()}`;
  }
}
