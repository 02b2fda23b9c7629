// A server where the runtime or the platform ends connections: Deno.serve. It limits neither the bytes of an unfinished
// message nor the time of a request, and asks nobody for a certificate.
import { listen } from "./deno_listener.ts";
import { plainAddress, PLATFORM_ADDRESS } from "./peer.ts";
import type { App, Server, ServerSettings } from "./server.ts";

/** After which the runtime gives up a peer that answers no ping, in seconds. */
const SILENT_S_MAX = 30;

/**
 * Listens, and serves until it is stopped.
 * @throws {Deno.errors.AddrInUse} when the port is taken
 */
export function serveByDeno(app: App, settings: ServerSettings & { hosted: boolean }): Server {
  return listen(settings, (request, { remoteAddr }) =>
    app.fetch(request, {
      peer: { address: settings.hosted ? PLATFORM_ADDRESS : plainAddress(remoteAddr.hostname), tls: null },
      upgrade: ({ protocol, accept }) => {
        const options = { idleTimeout: SILENT_S_MAX, ...(protocol === undefined ? {} : { protocol }) };
        const { socket, response } = Deno.upgradeWebSocket(request, options);
        accept(socket);
        return response;
      },
    }));
}
