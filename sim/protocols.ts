// What a simulated drone can speak to its edge.
import { type Kind, oneOf } from "../platform/kinds.ts";
import { connectPromptly } from "../platform/prompt_socket.ts";
import { TELEMETRY_SUBPROTOCOL } from "../proto/words.ts";
import { JsonSocket } from "./json_socket.ts";
import { MavlinkSocket } from "./mavlink_socket.ts";
import { MqttSocket } from "../clients/typescript/src/mqtt_socket.ts";

const PROTOCOLS = ["ws", "mqtt", "json", "mavlink"] as const;
export type Protocol = typeof PROTOCOLS[number];

/** `who`: speaks it. */
export function protocolOption(who: string): Kind<Protocol> {
  return oneOf<Protocol, Protocol>(PROTOCOLS, { fallback: "ws", about: `what ${who} speak: ${PROTOCOLS.join(", ")}` });
}

export interface ConnectSettings {
  protocol: Protocol;
  /** Of the edge's telemetry socket. */
  url: string;
  /** What is sent leaves at once. */
  prompt: boolean;
  /** Monotonic ms. */
  clock: () => number;
}

/** A socket of a drone, which to its client speaks slipstream.v1 whatever the protocol. */
export function connectBy({ protocol, url, prompt, clock }: ConnectSettings, droneId: string): WebSocket {
  const connectTo = (url: string) => (subprotocol: string) =>
    prompt ? connectPromptly(url, subprotocol) : new WebSocket(url, subprotocol);
  switch (protocol) {
    case "ws":
      return connectTo(url)(TELEMETRY_SUBPROTOCOL);
    case "json":
      return new JsonSocket(connectTo(url)).socket;
    case "mavlink": {
      const to = new URL(`/v1/mavlink?drone=${encodeURIComponent(droneId)}`, url).href;
      return new MavlinkSocket({ droneId, connect: connectTo(to) }).socket;
    }
    case "mqtt":
      return new MqttSocket({
        droneId,
        clientId: `sim-${droneId}`,
        connect: connectTo(new URL("/mqtt", url).href),
        clock,
      }).socket;
  }
}
