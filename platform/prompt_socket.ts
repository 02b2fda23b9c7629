// A client's WebSocket whose messages leave at once. Deno's own asks the kernel to gather small messages (Nagle: it sets
// TCP_NODELAY to 0), which with delayed acknowledgements holds a batch back for up to 40 ms; `ws` does not.
import { WebSocket as PromptWebSocket } from "ws";
import { noticesBrokenSockets } from "./runtime.ts";

/** By what a client proves who it is, and whom it trusts; PEM. */
export interface SocketProof {
  /** Such as authorization. */
  headers?: Record<string, string>;
  tls?: {
    /** Who may have signed the server's certificate; without it those whom the system knows. */
    ca?: string;
    cert?: string;
    key?: string;
  };
}

/** It has all of a WebSocket that a client uses: properties for listeners, binaryType, bufferedAmount. */
const Prompt = PromptWebSocket as unknown as new (
  url: string,
  subprotocol: string,
  options: Record<string, unknown>,
) => WebSocket;

/** A server that takes the connection and then says nothing is given up after so long. */
const HANDSHAKE_MS_MAX = 10_000;

/**
 * Connects, offering one subprotocol. On a Deno in which `ws` cannot be relied on, Deno's own, Nagle and all.
 * @throws {TypeError} on such a Deno, when there is more to prove than headers can: its WebSocket shows no certificate, and
 * trusts whom the system trusts
 */
export function connectPromptly(url: string, subprotocol: string, { headers, tls }: SocketProof = {}): WebSocket {
  if (noticesBrokenSockets()) {
    const options = { perMessageDeflate: false, handshakeTimeout: HANDSHAKE_MS_MAX, followRedirects: false };
    return new Prompt(url, subprotocol, { ...options, ...headers && { headers }, ...tls });
  }
  if (tls) throw new TypeError("Cannot prove by a certificate who connects: this Deno is older than 2.6");
  return headers ? new WebSocket(url, { protocols: [subprotocol], headers }) : new WebSocket(url, subprotocol);
}
