// A person's session at the console: the token, checked, in a cookie that no script can read and no other site's page sends.
import { type Context, Hono } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import type { CookieOptions } from "hono/utils/cookie";
import type { Gate } from "../../identity/gate.ts";
import { ANYONE, type Identity } from "../../identity/identity.ts";
import { admitted, jsonOnly, mayOnly, ownPageOnly, type Proven } from "../../identity/hono.ts";
import { SESSION_COOKIE } from "../../identity/proofs.ts";
import type { Sequencer } from "../core/sequencer.ts";
import { asked } from "../../platform/openapi/asked.ts";
import { unread } from "./answers.ts";
import { signIn } from "./operations/people.ts";

const MAX_AGE_S_MAX = 3600;

export interface SessionParts {
  gate: Pick<Gate, "admit">;
  /** Unix µs. */
  nowUs: () => number;
  sequencer: Pick<Sequencer, "audit">;
}

/** GET: who asks; POST: signs in, which is on record; DELETE: signs out. */
export function sessions({ gate, nowUs, sequencer }: SessionParts): Hono<Proven> {
  const routes = new Hono<Proven>();
  routes.get("/", mayOnly(gate, "view"), (c) => c.json(described(c.var.identity)));
  routes.post("/", ownPageOnly, jsonOnly, async (c) => {
    const said = await asked(c.req, signIn);
    if ("error" in said) return unread(c, said);
    const { token } = said.body;
    const identity = await admitted(c, {
      gate,
      action: "view",
      headers: new Headers({ authorization: `Bearer ${token}` }),
    });
    if ("error" in identity) return c.json({ error: identity.error }, identity.status, identity.headers);
    if (identity !== ANYONE) {
      const leftS = Math.floor(identity.expiresMs / 1000 - nowUs() / 1e6);
      setCookie(c, SESSION_COOKIE, token, {
        ...cookieOf(c),
        maxAge: Math.max(0, Math.min(leftS, MAX_AGE_S_MAX)),
      });
      const deed = { who: identity.uri, what: "sign in", subject: "console", before: "", after: "" };
      // A journal that is closed before is heard of elsewhere: nobody waits for it to sign in.
      sequencer.audit(deed).catch(() => undefined);
    }
    return c.json(described(identity));
  });
  routes.delete("/", ownPageOnly, (c) => {
    deleteCookie(c, SESSION_COOKIE, cookieOf(c));
    return c.body(null, 204);
  });
  return routes;
}

function described(identity: Identity) {
  const { uri, id, actions, expiresMs } = identity;
  const isOpen = identity === ANYONE;
  return { uri, name: id, actions: [...actions], expiresUs: isOpen ? null : expiresMs * 1000, isOpen };
}

function cookieOf(c: Context<Proven>): CookieOptions {
  // Behind a proxy the browser speaks TLS though we do not.
  const secure = c.env?.peer?.tls != null || c.req.header("origin")?.startsWith("https:") === true;
  return { path: "/", httpOnly: true, sameSite: "Strict", secure };
}
