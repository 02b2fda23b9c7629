// An HTTP server that outlives a shortage of file descriptors: Deno.serve ends then, here it listens again soon after. A
// platform may have it listen elsewhere than it asks for, on a socket without a port even (DENO_SERVE_ADDRESS).
import { type Server, type ServerSettings, urlOf } from "./server.ts";

/** Out of descriptors, it listens again after so long. */
const RETRY_MS = 1000;

/**
 * Listens, and serves until it is stopped.
 * @throws {Deno.errors.AddrInUse} when the port is taken
 */
export function listen(
  { host, port, every, log }: Pick<ServerSettings, "host" | "port" | "every" | "log">,
  answer: Deno.ServeHandler<Deno.NetAddr>,
): Server {
  let failed = false;
  const serve = (at: number) => {
    const server = Deno.serve({ hostname: host, port: at, onListen: () => {} }, answer);
    // Without descriptors it cannot accept, and ends; what is open stays open.
    server.finished.catch((error) => {
      failed = true;
      log("warn", `Cannot accept connections, listening again soon: ${error}`);
    });
    return server;
  };
  let server = serve(port);
  const { hostname = host, port: listening = port } = server.addr as Partial<Deno.NetAddr>;
  const cancel = every(RETRY_MS, () => {
    if (!failed) return;
    try {
      server = serve(listening);
      failed = false;
    } catch (error) {
      log("warn", `Cannot listen on ${host}:${listening}: ${error}`);
    }
  });
  return {
    url: urlOf({ scheme: "http", host: hostname, port: listening }),
    stop() {
      cancel();
      return failed ? Promise.resolve() : server.shutdown();
    },
  };
}
