// What systemd is told of a service of Type=notify: that it is ready, that it still lives, that it stops. A process that is
// started otherwise tells nobody anything.
import type { Platform } from "./system.ts";

/** By which systemd says where it is told so, and how often; each is for one process alone. */
export const WATCHDOG_VARIABLES = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] as const;

/** A socket for datagrams, and where they go. */
export interface Notices {
  send: (text: string) => Promise<void>;
  close: () => void;
}

export interface WatchdogParts extends Pick<Platform, "every" | "log"> {
  env: { get: (name: string) => string | undefined };
  /** Throws where this Deno, or this start of it, has no such sockets. */
  open?: (path: string) => Notices;
}

const US_PER_MS = 1000;

export class Watchdog {
  readonly #notices: Notices | null;
  readonly #parts: WatchdogParts;
  #stopBeating = () => {};

  constructor(parts: WatchdogParts) {
    this.#parts = parts;
    this.#notices = this.#open();
  }

  /** It listens. From now on it says some times within the limit that it lives: an event loop that stands still says nothing. */
  ready(): void {
    const { env, every } = this.#parts;
    this.#tell("READY=1");
    const limitMs = Number(env.get("WATCHDOG_USEC") ?? 0) / US_PER_MS;
    if (this.#notices && limitMs > 0) this.#stopBeating = every(limitMs / 3, () => this.#tell("WATCHDOG=1"));
  }

  /** It takes no more, and hands over what it has. */
  stopping(): void {
    this.#tell("STOPPING=1");
  }

  close(): void {
    this.#stopBeating();
    this.#notices?.close();
  }

  #open(): Notices | null {
    const { env, log, open = openNotices } = this.#parts;
    const path = env.get("NOTIFY_SOCKET");
    if (!path) return null;
    try {
      return open(path);
    } catch (error) {
      log("warn", `Cannot tell systemd that it lives: ${error instanceof Error ? error.message : error}`);
      return null;
    }
  }

  #tell(text: string): void {
    // Who does not hear it starts the process again: to fail for that here would help nobody.
    this.#notices?.send(text).catch((error: unknown) => {
      this.#parts.log("warn", `Cannot tell systemd ${text}: ${error instanceof Error ? error.message : error}`);
    });
  }
}

/** Deno has them only with --unstable-net; its own end needs a name in the file system. */
function openNotices(path: string): Notices {
  if (!("listenDatagram" in Deno)) throw new Error("start it with --unstable-net");
  const folder = Deno.makeTempDirSync({ prefix: "slipstream-" });
  const socket = Deno.listenDatagram({ transport: "unixpacket", path: `${folder}/notify` });
  const to = { transport: "unixpacket", path } as const;
  return {
    send: async (text) => void await socket.send(new TextEncoder().encode(text), to),
    close: () => {
      socket.close();
      Deno.removeSync(folder, { recursive: true });
    },
  };
}
