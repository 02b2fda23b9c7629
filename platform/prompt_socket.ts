// A client's WebSocket whose messages leave at once. Deno's own asks the kernel to gather small messages (Nagle: it sets
// TCP_NODELAY to 0), which with delayed acknowledgements holds a batch back for up to 40 ms; `ws` does not.
import { WebSocket as PromptWebSocket } from "ws";

/** It has all of a WebSocket that a client uses: properties for listeners, binaryType, bufferedAmount. */
const Prompt: new (url: string, subprotocol: string, options: { perMessageDeflate: boolean }) => WebSocket =
  PromptWebSocket;

/** Before it `ws` does not notice a connection that breaks off: later messages are lost in it. */
const DENO_SINCE = [2, 6] as const;

/** Whether `ws` can be relied on in this Deno. */
export function noticesBrokenSockets(): boolean {
  const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
  return major > DENO_SINCE[0] || (major === DENO_SINCE[0] && minor >= DENO_SINCE[1]);
}

/** Connects, offering one subprotocol. On a Deno in which `ws` cannot be relied on, Deno's own, Nagle and all. */
export function connectPromptly(url: string, subprotocol: string): WebSocket {
  if (!noticesBrokenSockets()) return new WebSocket(url, subprotocol);
  return new Prompt(url, subprotocol, { perMessageDeflate: false });
}
