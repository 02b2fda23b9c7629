// Which requests can become a drone's WebSocket, and by which of the subprotocols that they offer.
import type { Context } from "hono";
import type { Identity } from "../../identity/identity.ts";
import { isHandshake } from "../../platform/server/server.ts";
import { DRONE_ID_BYTES_MAX, TOKEN_SUBPROTOCOL_PREFIX } from "../../proto/words.ts";

export interface UpgradeParts {
  /** Web pages that may send telemetry. */
  origins: ReadonlySet<string>;
  /** Why the edge takes no new connections now; null when it does. */
  refusesConnections: () => string | null;
}

export interface Refusal {
  status: 400 | 403 | 405 | 426 | 503;
  error: string;
  headers?: Record<string, string>;
}

/** Null: it can become a WebSocket. `spoken`: subprotocols of which it must offer one, if it offers any. */
export function refusalOf(
  c: Context,
  spoken: readonly string[],
  { refusesConnections, origins }: UpgradeParts,
): Refusal | null {
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
    return { status: 426, error: "Cannot take telemetry over plain HTTP: connect with a WebSocket" };
  }
  // A HEAD comes here as well.
  if (c.req.method !== "GET") return { status: 405, error: "Cannot upgrade: ask with GET", headers: { allow: "GET" } };
  const reason = refusesConnections();
  if (reason !== null) return { status: 503, error: `Cannot connect: ${reason}`, headers: { "retry-after": "1" } };
  const offered = offeredProtocols(c);
  if (offered.length > 0 && chosenProtocol(c, spoken) === undefined) {
    return { status: 400, error: `Cannot speak ${offered.join(", ")}: offer ${spoken.join(" or ")}` };
  }
  // Drones send no Origin, browsers always do: without identities a page of somebody else must not feed the fleet.
  const origin = c.req.header("origin");
  if (origin !== undefined && !origins.has(origin)) {
    return { status: 403, error: `Cannot take telemetry from a page of ${origin}: see SLIPSTREAM_ORIGINS` };
  }
  if (!isHandshake(c.req.raw.headers)) {
    return { status: 400, error: "Cannot upgrade: this is no handshake of WebSocket version 13" };
  }
  return null;
}

/** The first of those that are spoken here which it offers. */
export function chosenProtocol(c: Context, spoken: readonly string[]): string | undefined {
  const offered = offeredProtocols(c);
  return spoken.find((name) => offered.includes(name));
}

// Without a token among them, which is none, and is told to nobody.
function offeredProtocols(c: Context): string[] {
  const names = (c.req.header("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  return names.filter((name) => name !== "" && !name.startsWith(TOKEN_SUBPROTOCOL_PREFIX));
}

/** A request's headers, with the token that its query has; that is told to nobody else. */
export function headersOf(c: Context): Headers {
  const headers = new Headers(c.req.raw.headers);
  const token = c.req.query("token");
  // What no header can hold is no token.
  if (token && /^[\x21-\x7e]+$/.test(token) && !headers.has("authorization")) {
    headers.set("authorization", `Bearer ${token}`);
  }
  return headers;
}

/** Who asks, as the one drone that the query names, if any; null: for that one it may not speak. */
export function speakerOf(c: Context, identity: Identity): Identity | null {
  const droneId = c.req.query("drone");
  if (droneId === undefined) return identity;
  const bytes = new TextEncoder().encode(droneId).length;
  const isAnothers = identity.droneIds !== null && !identity.droneIds.has(droneId);
  return isAnothers || bytes === 0 || bytes > DRONE_ID_BYTES_MAX ? null : { ...identity, droneIds: new Set([droneId]) };
}
