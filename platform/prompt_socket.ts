// A client's WebSocket whose messages leave at once. Deno's own asks the kernel to gather small messages (Nagle: it sets
// TCP_NODELAY to 0), which with delayed acknowledgements holds a batch back for up to 40 ms; `ws` does not.
import { WebSocket as PromptWebSocket } from "ws";

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

/** Before it `ws` does not notice a connection that breaks off: later messages are lost in it. */
const DENO_SINCE = [2, 6] as const;

/** A server that takes the connection and then says nothing is given up after so long. */
const HANDSHAKE_MS_MAX = 10_000;

/** Whether `ws` can be relied on in this Deno. */
export function noticesBrokenSockets(): boolean {
  const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
  return major > DENO_SINCE[0] || (major === DENO_SINCE[0] && minor >= DENO_SINCE[1]);
}

/**
 * Connects, offering one subprotocol. On a Deno in which `ws` cannot be relied on, Deno's own, Nagle and all.
 * @throws {TypeError} on such a Deno, when there is a proof: its WebSocket takes none
 */
export function connectPromptly(url: string, subprotocol: string, { headers, tls }: SocketProof = {}): WebSocket {
  if (noticesBrokenSockets()) {
    const options = { perMessageDeflate: false, handshakeTimeout: HANDSHAKE_MS_MAX, followRedirects: false };
    return new Prompt(url, subprotocol, { ...options, ...headers && { headers }, ...tls });
  }
  if (headers || tls) throw new TypeError("Cannot prove who connects: this Deno is older than 2.6");
  return new WebSocket(url, subprotocol);
}
