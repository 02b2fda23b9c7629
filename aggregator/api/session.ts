// A person's session at the console: the token, checked, in a cookie that no script can read and no other site's page sends.
import { Hono } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import type { Gate } from "../../identity/gate.ts";
import { ANYONE } from "../../identity/identity.ts";
import { admitted, mayOnly, type Proven } from "../../identity/hono.ts";
import { SESSION_COOKIE } from "../../identity/proofs.ts";
import { readJson } from "./body.ts";
import { SessionBody } from "./queries.ts";

/** GET: who asks; POST: signs in; DELETE: signs out. `nowUs`: Unix µs. */
export function sessions(gate: Pick<Gate, "admit">, nowUs: () => number): Hono<Proven> {
  const routes = new Hono<Proven>();
  routes.get("/", mayOnly(gate, "view"), (c) => {
    const { uri, id, actions, expiresMs } = c.var.identity;
    const isOpen = c.var.identity === ANYONE;
    return c.json({ uri, name: id, actions: [...actions], expiresUs: isOpen ? null : expiresMs * 1000, isOpen });
  });
  routes.post("/", async (c) => {
    const body = await readJson(c.req.raw, SessionBody);
    if ("error" in body) return c.json({ error: body.error }, body.status);
    const headers = new Headers({ authorization: `Bearer ${body.value.token}` });
    const identity = await admitted(c, { gate, action: "view", headers });
    if ("error" in identity) return c.json({ error: identity.error }, identity.status, identity.headers);
    const leftS = Math.floor(identity.expiresMs / 1000 - nowUs() / 1e6);
    setCookie(c, SESSION_COOKIE, body.value.token, {
      ...{ path: "/", httpOnly: true, sameSite: "Strict", maxAge: Math.max(0, Math.min(leftS, 3600)) },
      // Behind a proxy the browser speaks TLS though we do not.
      secure: c.req.header("origin")?.startsWith("https:") ?? c.env?.peer?.tls != null,
    });
    return c.json({ uri: identity.uri, name: identity.id, actions: [...identity.actions] });
  });
  routes.delete("/", (c) => {
    deleteCookie(c, SESSION_COOKIE, { path: "/" });
    return c.body(null, 204);
  });
  return routes;
}
