// The edge's sockets where the runtime or the platform ends connections: Deno.serve. It limits neither the bytes of an
// unfinished message nor the time of a request.
import { listen } from "../../platform/listener.ts";
import type { EdgeApp } from "./app.ts";
import type { EdgeServer, ServerSettings } from "./server.ts";

/** After which the runtime gives up a peer that answers no ping, in seconds. */
const SILENT_S_MAX = 30;

/**
 * Listens, and serves until it is stopped.
 * @throws {Deno.errors.AddrInUse} when the port is taken.
 */
export function serveByDeno(app: EdgeApp, settings: ServerSettings): EdgeServer {
  return listen(settings, (request) =>
    app.fetch(request, {
      upgrade: ({ protocol, accept }) => {
        const options = { idleTimeout: SILENT_S_MAX, ...(protocol === undefined ? {} : { protocol }) };
        const { socket, response } = Deno.upgradeWebSocket(request, options);
        accept(socket);
        return response;
      },
    }));
}
