// How an edge is served: with limits where it can be, by Deno.serve where it must be.
import type { EdgeApp } from "./app.ts";
import { serveByDeno } from "./deno_server.ts";
import { serveWithLimits } from "./http_server.ts";
import { noticesBrokenSockets } from "../../platform/prompt_socket.ts";
import type { EdgeServer, ServerSettings } from "./server.ts";

/**
 * Serves the app. `hosted`: the platform ends connections and has limits of its own, as Deno Deploy does.
 * @throws {Deno.errors.AddrInUse} when the port is taken.
 */
export async function serve(app: EdgeApp, settings: ServerSettings & { hosted: boolean }): Promise<EdgeServer> {
  if (!settings.hosted && noticesBrokenSockets()) return await serveWithLimits(app, settings);
  if (!settings.hosted) {
    settings.log(
      "warn",
      "this Deno is older than 2.6: neither the bytes of an unfinished message are limited, nor the time of a request",
    );
  }
  return serveByDeno(app, settings);
}
