// What a request brings to prove who asks: a certificate of its TLS connection, a token in one of four places, or a certificate
// that a proxy has verified.
import type { Peer } from "../platform/server/peer.ts";
import { TOKEN_SUBPROTOCOL_PREFIX } from "../proto/words.ts";

export type Proof =
  | { kind: "token"; token: string }
  | { kind: "certificate"; der: Uint8Array }
  /** URL-encoded PEM. */
  | { kind: "forwarded"; certificate: string }
  /** Whoever sent the header of a proxy is none of ours. */
  | { kind: "stranger" }
  | { kind: "none" };

/** The cookie in which a browser keeps the token of the person at it. */
export const SESSION_COOKIE = "slipstream_session";

/** Of what nginx is told to send on: `$ssl_client_verify` and `$ssl_client_escaped_cert`. */
const VERIFIED_HEADER = "ssl-client-verify";
const CERTIFICATE_HEADER = "ssl-client-cert";

/** A token goes before a certificate: who brings one means it. `proxies`: addresses of those whose headers are believed. */
export function proofOf(headers: Headers, { peer, proxies }: { peer: Peer; proxies: ReadonlySet<string> }): Proof {
  const token = bearer(headers) ?? offered(headers) ?? cookie(headers);
  if (token !== undefined) return { kind: "token", token };
  if (peer.tls?.certificate) return { kind: "certificate", der: peer.tls.certificate };
  if (!headers.has(VERIFIED_HEADER) && !headers.has(CERTIFICATE_HEADER)) return { kind: "none" };
  if (!proxies.has(peer.address)) return { kind: "stranger" };
  const certificate = headers.get(CERTIFICATE_HEADER);
  const isVerified = headers.get(VERIFIED_HEADER) === "SUCCESS";
  return isVerified && certificate ? { kind: "forwarded", certificate } : { kind: "none" };
}

function bearer(headers: Headers): string | undefined {
  return /^(?:bearer|dpop) +([^ ]+)$/i.exec(headers.get("authorization") ?? "")?.[1];
}

/** A browser can give a WebSocket no header, but subprotocols: one of those offered holds the token. */
function offered(headers: Headers): string | undefined {
  const names = (headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  return names.find((name) => name.startsWith(TOKEN_SUBPROTOCOL_PREFIX))?.slice(TOKEN_SUBPROTOCOL_PREFIX.length);
}

function cookie(headers: Headers): string | undefined {
  for (const pair of (headers.get("cookie") ?? "").split(";")) {
    const [name = "", value = ""] = pair.trim().split("=");
    if (name === SESSION_COOKIE && value !== "") return value;
  }
  return undefined;
}
