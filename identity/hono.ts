// The gate in front of an HTTP surface: a middleware for each route that not everybody may use.
import type { Context, MiddlewareHandler } from "hono";
import QuickLRU from "quick-lru";
import type { Asking, Gate, Refused } from "./gate.ts";
import { type Action, ANYONE, type Identity } from "./identity.ts";
import type { Peer } from "../platform/server/peer.ts";
import type { Bindings } from "../platform/server/server.ts";

/** What the server tells of a request, and what a route is told of who asks. */
export interface Proven {
  Bindings: Bindings;
  Variables: { identity: Identity };
}

/** Where the server does not say who asks: a test's app, called without one. */
const NOBODY: Peer = { address: "unknown", tls: null };

/** Who asks, if they may do that; `headers`: instead of those of the request. */
export function admitted(
  c: Context,
  { gate, action, headers = c.req.raw.headers }: { gate: Pick<Gate, "admit">; action: Action; headers?: Headers },
): Promise<Identity | Refused> {
  return gate.admit({ ...askingOf(c), headers }, action);
}

/** What asks, for whoever admits it later. */
export function askingOf(c: Context): Asking {
  const { method, url, raw: { headers } } = c.req;
  // As it was sent: what it is bound to is a signature over that.
  return { method, path: new URL(url).pathname, headers, peer: c.env?.peer ?? NOBODY };
}

/** Lets on whoever may do that; `c.var.identity` then tells who it is. */
export function mayOnly(gate: Pick<Gate, "admit">, action: Action): MiddlewareHandler<Proven> {
  return async (c, next) => {
    const identity = await admitted(c, { gate, action });
    if ("error" in identity) return c.json({ error: identity.error }, identity.status, identity.headers);
    c.set("identity", identity);
    await next();
  };
}

/** By what name somebody does something: the proven one, or what they say where nobody must prove anything. */
export function provenName(identity: Identity, said: string): string {
  return identity === ANYONE ? said : identity.id;
}

/**
 * In front of what somebody does at a browser: that sends a person's proof along whatever page it is on, and says which. A page of
 * somebody else gets nothing done.
 */
export const ownPageOnly: MiddlewareHandler<Proven> = async (c, next) => {
  const origin = c.req.header("origin");
  if (origin !== undefined && !isOwn(origin, c)) {
    return c.json({ error: `Cannot do that for a page of ${origin}` }, 403);
  }
  await next();
};

// Behind a proxy nobody knows what the browser speaks; where TLS ends here, a page that came without it can be anybody's.
function isOwn(origin: string, c: Context<Proven>): boolean {
  const page = URL.parse(origin);
  const isSafe = !c.env?.peer?.tls || page?.protocol === "https:";
  return isSafe && page?.host === (c.req.header("host") ?? null);
}

/** Changes of one person: so many at once, so many each second after that. */
const CHANGES = { burst: 50, perS: 10 };
const PEOPLE_MAX = 10_000;

/**
 * In front of what changes something, when it is known who asks: nobody needs so many changes.
 * @param clock monotonic ms
 */
export function changes(clock: () => number): MiddlewareHandler<Proven> {
  const spent = new QuickLRU<string, { count: number; atMs: number }>({ maxSize: PEOPLE_MAX });
  return async (c, next) => {
    const { uri } = c.var.identity;
    const { count, atMs } = spent.get(uri) ?? { count: 0, atMs: clock() };
    const left = Math.max(0, count - (clock() - atMs) / 1000 * CHANGES.perS);
    if (left >= CHANGES.burst) {
      return c.json({ error: "Cannot change that now: too many changes" }, 429, { "retry-after": "1" });
    }
    spent.set(uri, { count: left + 1, atMs: clock() });
    await next();
  };
}

/** A form has other types, and those a browser sends for whatever page. */
export const jsonOnly: MiddlewareHandler<Proven> = async (c, next) => {
  if (!c.req.header("content-type")?.toLowerCase().startsWith("application/json")) {
    return c.json({ error: "Cannot read the request: send application/json" }, 415);
  }
  await next();
};
