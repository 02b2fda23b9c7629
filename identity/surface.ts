// What both HTTP surfaces have in front of all their routes: the names that they answer to, and what they tell browsers.
import type { MiddlewareHandler } from "hono";
import { isLoopbackHost, refusalOfHost } from "../platform/hosts.ts";
import { HSTS, SAFE_HEADERS } from "../platform/server/safe_headers.ts";
import type { Proven } from "./hono.ts";

/** @param hosts names besides those of loopback that are answered to; null: any */
export function surface(hosts: ReadonlySet<string> | null): MiddlewareHandler<Proven> {
  return async (c, next) => {
    const host = c.req.header("host");
    const refusal = hosts && refusalOfHost(host, hosts);
    if (refusal === null) await next();
    else c.res = c.json({ error: refusal }, 421);
    // Of a connection that is a WebSocket by now nothing can be told any more.
    if (c.res.status === 101) return;
    const { headers } = c.res;
    for (const [name, value] of Object.entries(SAFE_HEADERS)) if (!headers.has(name)) headers.set(name, value);
    if (c.env?.peer?.tls && !isLoopbackHost(host)) headers.set("strict-transport-security", HSTS);
  };
}
