// How a process is served: with limits where it can be, by Deno.serve where it must be.
import { noticesBrokenSockets } from "../runtime.ts";
import { serveByDeno } from "./deno_server.ts";
import type { App, Server, ServerSettings } from "./server.ts";

export interface Serving extends ServerSettings {
  /** The platform ends connections and has limits of its own, as Deno Deploy does. */
  hosted: boolean;
}

/**
 * Serves the app until it is stopped.
 * @throws {Deno.errors.AddrInUse} when the port is taken
 * @throws {TypeError} when the certificates cannot be used
 */
export async function serve(app: App, settings: Serving): Promise<Server> {
  if (!settings.hosted && noticesBrokenSockets()) {
    // Where the platform serves, none of it is loaded: an edge is there sooner.
    const { serveWithLimits } = await import("./http_server.ts");
    return await serveWithLimits(app, settings);
  }
  if (settings.tls) {
    const why = settings.hosted ? "the platform does that" : "this Deno is older than 2.6";
    throw new TypeError(`Cannot end TLS: ${why}`);
  }
  if (!settings.hosted) {
    settings.log(
      "warn",
      "this Deno is older than 2.6: neither the bytes of an unfinished message are limited, nor the time of a request",
    );
  }
  return serveByDeno(app, settings);
}
