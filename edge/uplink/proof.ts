// By what an edge proves to its aggregator who it is: read, or made, again for each connection, so that it may be renewed at any
// time.
import type { SocketProof } from "../../platform/prompt_socket.ts";
import type { EdgeConfig } from "../config.ts";
import { ownToken } from "./own_token.ts";

const PEM_KEY = /-----BEGIN (\w+ )?PRIVATE KEY-----[^-]+-----END (\w+ )?PRIVATE KEY-----/;

/** @param nowMs Unix ms @throws {Error} when a file cannot be read, or a key is none */
export function readProof({ ca, cert, key, ...tokens }: EdgeConfig["uplinkProof"], nowMs: number): SocketProof {
  const tls = {
    ...ca !== null && { ca: Deno.readTextFileSync(ca) },
    ...cert !== null && { cert: Deno.readTextFileSync(cert) },
    ...key !== null && { key: PEM_KEY.exec(Deno.readTextFileSync(key))?.[0] ?? "" },
  };
  const isBare = Object.keys(tls).length === 0;
  const token = readToken(tokens, nowMs);
  return { ...!isBare && { tls }, ...token !== null && { headers: { authorization: `Bearer ${token}` } } };
}

function readToken(
  { token, tokenKey, audience }: Pick<EdgeConfig["uplinkProof"], "token" | "tokenKey" | "audience">,
  nowMs: number,
): string | null {
  if (tokenKey === null) return token === null ? null : Deno.readTextFileSync(token).trim();
  const jwk = tokenKey.trimStart().startsWith("{") ? tokenKey : Deno.readTextFileSync(tokenKey);
  return ownToken(jwk, { audience, nowMs });
}
