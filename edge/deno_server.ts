// The edge's sockets where the runtime or the platform ends connections: Deno.serve. It limits neither the bytes of an
// unfinished message nor the time of a request.
import type { EdgeApp } from "./app.ts";
import type { EdgeServer, ServerSettings } from "./server.ts";

/** After which the runtime gives up a peer that answers no ping, in seconds. */
const SILENT_S_MAX = 30;
/** Out of descriptors, it listens again after so long. */
const RETRY_MS = 1000;

/**
 * Listens, and serves until it is stopped.
 * @throws {Deno.errors.AddrInUse} when the port is taken.
 */
export function serveByDeno(app: EdgeApp, { host, port, every, log }: ServerSettings): EdgeServer {
  let failed = false;
  const listen = (at: number) => {
    const server = Deno.serve({ hostname: host, port: at, onListen: () => {} }, (request) =>
      app.fetch(request, {
        upgrade: ({ protocol, accept }) => {
          const options = { idleTimeout: SILENT_S_MAX, ...(protocol === undefined ? {} : { protocol }) };
          const { socket, response } = Deno.upgradeWebSocket(request, options);
          accept(socket);
          return response;
        },
      }));
    // Without descriptors it cannot accept, and ends; what is open stays open.
    server.finished.catch((error) => {
      failed = true;
      log("warn", `Cannot accept connections, listening again soon: ${error}`);
    });
    return server;
  };
  let server = listen(port);
  const { hostname, port: listening } = server.addr;
  const cancel = every(RETRY_MS, () => {
    if (!failed) return;
    try {
      server = listen(listening);
      failed = false;
    } catch (error) {
      log("warn", `Cannot listen on ${host}:${listening}: ${error}`);
    }
  });
  return {
    url: `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${listening}`,
    stop() {
      cancel();
      return failed ? Promise.resolve() : server.shutdown();
    },
  };
}
