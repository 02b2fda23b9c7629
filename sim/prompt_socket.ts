// A drone's WebSocket whose frames leave at once: Deno's own has Nagle's algorithm on, which holds small frames back for
// up to 40 ms. Whatever a drone is written in, it should set TCP_NODELAY.
import { WebSocket as PromptWebSocket } from "ws";
import { TELEMETRY_SUBPROTOCOL } from "../proto/words.ts";

/** It has all of a WebSocket that a client uses: properties for listeners, binaryType, bufferedAmount. */
const Prompt: new (url: string, subprotocol: string, options: { perMessageDeflate: boolean }) => WebSocket =
  PromptWebSocket;

/** Connects to an edge. */
export function connectPromptly(url: string): WebSocket {
  return new Prompt(url, TELEMETRY_SUBPROTOCOL, { perMessageDeflate: false });
}
