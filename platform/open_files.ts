// How many files, sockets included, a process may have open.

/** The soft limit of /proc/self/limits; null where it has none, or there is no such file. */
export function openFilesMax(limits: string): number | null {
  const soft = /^Max open files +(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? null : Number(soft);
}

/** This process's own; null: nothing is known of a limit. */
export function ownOpenFilesMax(): number | null {
  return Deno.build.os === "linux" ? openFilesMax(Deno.readTextFileSync("/proc/self/limits")) : null;
}

const LISTEN_BACKLOG_MAX = 511;

/**
 * What fits `openFiles` (null: any number), `ownFiles` of which are not for connections: connections that the kernel holds
 * until they are taken, and the most connections at a time. As many as are held may have been accepted before the first of
 * them is looked at.
 */
export function connectionsWithin(
  openFiles: number | null,
  { ownFiles }: { ownFiles: number },
): { listenBacklog: number; fits: number } {
  const files = openFiles ?? Infinity;
  const listenBacklog = Math.max(8, Math.min(LISTEN_BACKLOG_MAX, files >> 3 || LISTEN_BACKLOG_MAX));
  return { listenBacklog, fits: Math.max(1, files - ownFiles - listenBacklog) };
}
