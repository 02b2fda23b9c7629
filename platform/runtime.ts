// What this Deno can be relied on for.

/** Before it `ws` does not notice a connection that breaks off: later messages are lost in it. */
const SOCKETS_SINCE = [2, 6] as const;

/** Whether `ws` can be relied on in this Deno. */
export function noticesBrokenSockets(): boolean {
  const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
  return major > SOCKETS_SINCE[0] || (major === SOCKETS_SINCE[0] && minor >= SOCKETS_SINCE[1]);
}
