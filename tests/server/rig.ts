// A server with limits around an app that a test scripts.
import { serveWithLimits } from "../../platform/server/http_server.ts";
import { Refusals } from "../../platform/server/refusals.ts";
import type { App, Bindings, ServerSettings } from "../../platform/server/server.ts";
import { systemPlatform } from "../../platform/system.ts";

export interface ServerRig {
  url: string;
  refusals: Refusals;
  logged: string[];
  stop: () => Promise<void>;
}

type Answer = (request: Request, bindings: Bindings) => Response | Promise<Response>;

/** Answers by the function, and with an echo of each message at /socket. */
export function appOf(answer: Answer): App {
  return {
    fetch: (request, bindings) => {
      if (!bindings.upgrade || new URL(request.url).pathname !== "/socket") return answer(request, bindings);
      const protocol = request.headers.get("sec-websocket-protocol") ?? undefined;
      return bindings.upgrade({
        protocol,
        accept: (socket) => {
          socket.binaryType = "arraybuffer";
          socket.onmessage = ({ data }) => socket.send(data);
        },
      });
    },
  };
}

/** Runs `test` against a server on a free port, then stops it. */
export async function withServer(
  { answer = () => new Response("here"), ...settings }: Partial<ServerSettings> & { answer?: Answer },
  test: (rig: ServerRig) => Promise<void>,
): Promise<void> {
  const logged: string[] = [];
  const refusals = new Refusals();
  const server = await serveWithLimits(appOf(answer), {
    ...systemPlatform("server"),
    ...{ host: "127.0.0.1", port: 0, listenBacklog: 64, connectionsMax: 100, tls: null },
    ...{ addressConnectionsMax: 100, sharedAddresses: new Set<string>() },
    sockets: {
      messageBytesMax: 65_536,
      fragmentsMax: 32,
      chunksMax: 256,
      messagesPerSMax: 5000,
      messageMs: 10_000,
      unreadBytesMax: 1 << 20,
    },
    refusals,
    log: (_, message) => logged.push(message),
    ...settings,
  });
  try {
    await test({ url: server.url, refusals, logged, stop: server.stop });
  } finally {
    await server.stop();
  }
}
