// What the two ways to serve an edge have in common.
import type { Platform } from "../../platform/system.ts";

/** Where an edge listens, how much of it there may be, and what it needs of the machine. */
export interface ServerSettings extends Pick<Platform, "every" | "log"> {
  host: string;
  port: number;
  /** WebSockets at a time. */
  connectionsMax: number;
  /** Connections that the kernel holds until they are taken. */
  listenBacklog: number;
}

/** A server that listens. */
export interface EdgeServer {
  /** http://HOST:PORT */
  url: string;
  /** Listens no more, and ends what connections there are. */
  stop: () => Promise<void>;
}
