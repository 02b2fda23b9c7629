// A listener that goes on. Out of descriptors, this runtime's listener accepts no more for good, and does not say so: the
// process knocks at its own door now and then, and listens anew when nobody opens. At a door that others share it knocks more
// often: the kernel gives each knock to any of them.
import { type AddressInfo, connect, Server as NetServer, type Socket } from "node:net";
import type { Platform } from "../system.ts";
import { type Scheme, urlOf } from "./server.ts";

export interface ListeningSettings extends Pick<Platform, "every" | "log"> {
  host: string;
  /** 0: one that is free. */
  port: number;
  /** Connections that the kernel holds until they are taken. */
  listenBacklog: number;
  /** Processes that listen on the port together. */
  portSharedBy?: number;
  scheme: Scheme;
}

/** Seconds without a connection after which it knocks, and after which it listens anew. */
const KNOCK_AFTER_S = 3;
const ANEW_AFTER_S = 5;
/** Where the port is shared it knocks for so many seconds more, twice a second for each: all miss once in e^16 times. */
const SHARED_S = 7;
const SHARED_KNOCKS = 2;

/**
 * Listens until it is stopped; connections that are open stay open then.
 * @throws {Deno.errors.AddrInUse} when the port is taken.
 */
export async function keepListening(
  server: NetServer,
  { host, port, listenBacklog, portSharedBy = 1, scheme, every, log }: ListeningSettings,
): Promise<{ url: string; stop: () => void }> {
  const isShared = portSharedBy > 1;
  const anewAfterS = ANEW_AFTER_S + (isShared ? SHARED_S : 0);
  const listen = (at: number) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port: at, backlog: listenBacklog, ...isShared && { reusePort: true } }, () => {
        server.off("error", reject);
        resolve();
      });
    });
  try {
    await listen(port);
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "EADDRINUSE") throw error;
    throw new Deno.errors.AddrInUse(error.message, { cause: error });
  }
  const address = server.address() as AddressInfo;
  let knocks: Socket[] = [];
  let quietS = 0;
  const knock = () => {
    const socket = connect({ host: address.address, port: address.port });
    socket.on("error", (error) => log("warn", `Cannot reach its own port: ${error.message}`));
    return socket;
  };
  const endKnocks = () => {
    for (const socket of knocks) socket.destroy();
    knocks = [];
  };
  server.on("connection", () => quietS = 0);
  const cancel = every(1000, () => {
    quietS++;
    if (quietS === 1) endKnocks();
    else if (quietS === KNOCK_AFTER_S || (isShared && quietS > KNOCK_AFTER_S && quietS < anewAfterS - 1)) {
      endKnocks();
      knocks = Array.from({ length: isShared ? SHARED_KNOCKS * portSharedBy : 1 }, knock);
    } else if (quietS === anewAfterS) {
      log("warn", "no connection is accepted, not even its own: listening anew");
      endKnocks();
      quietS = 0;
      // The close of http.Server would end connections that have become WebSockets as well.
      NetServer.prototype.close.call(server);
      listen(address.port).catch((error) => log("warn", `Cannot listen on ${host}:${address.port}: ${error}`));
    }
  });
  return {
    url: urlOf({ scheme, host: address.address, port: address.port }),
    stop() {
      cancel();
      endKnocks();
      NetServer.prototype.close.call(server);
    },
  };
}
