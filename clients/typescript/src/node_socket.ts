// Sockets of Node, by `ws`: messages leave at once, a certificate can be shown, and a refusal is told by its status.
import { WebSocket as NodeWebSocket } from "ws";
import type { IncomingMessage } from "node:http";
import type { Refused } from "./drone.ts";

/** By what a drone proves who it is, beside a token, and whom it trusts; PEM. */
export interface SocketTls {
  /** Who may have signed the edge's certificate; without it those whom Node knows. */
  ca?: string;
  cert?: string;
  key?: string;
}

interface Emitter {
  on(event: "unexpected-response", fn: (request: unknown, response: IncomingMessage) => void): void;
  terminate(): void;
}

/** It has all of a WebSocket that a client uses, and tells more. */
const Socket = NodeWebSocket as unknown as new (
  url: string,
  subprotocol: string,
  options: Record<string, unknown>,
) => WebSocket & Emitter;

const HANDSHAKE_MS_MAX = 10_000;
/** Of what a refusal says. */
const SAID_BYTES_MAX = 1024;

export interface NodeSocketOptions {
  subprotocol: string;
  token: string | null;
  tls?: SocketTls;
  onRefused: (refused: Refused) => void;
}

/** A connection to that edge. */
export function connectNode(edge: string, { subprotocol, token, tls, onRefused }: NodeSocketOptions): WebSocket {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const options = { perMessageDeflate: false, handshakeTimeout: HANDSHAKE_MS_MAX, followRedirects: false };
  const socket = new Socket(edge, subprotocol, { ...options, headers, ...tls });
  socket.on("unexpected-response", (_, response) => {
    let said = "";
    const end = () => {
      const { statusCode = 0, headers } = response;
      onRefused({
        status: statusCode,
        retryAfterMs: 1000 * (Number(headers["retry-after"]) || 0),
        said: errorIn(said),
      });
      response.destroy();
      socket.terminate();
    };
    response.setEncoding("utf8");
    response.on("data", (text: string) => {
      if (said.length < SAID_BYTES_MAX) said += text.slice(0, SAID_BYTES_MAX - said.length);
    });
    // Once: an end, or what breaks before.
    response.once("close", end);
    response.once("error", () => {});
  });
  return socket;
}

/** What an edge says in its own words; of a proxy's page nothing. */
function errorIn(said: string): string {
  try {
    const { error } = JSON.parse(said);
    return typeof error === "string" ? error : "";
  } catch (error) {
    if (error instanceof SyntaxError) return "";
    throw error;
  }
}
