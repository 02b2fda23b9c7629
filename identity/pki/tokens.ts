// Tokens: JWTs that prove for at most an hour who their bearer is.
import { calculateJwkThumbprint, type JWK, SignJWT } from "jose";
import { ALGORITHM, privateKeyOf, type SigningKey } from "./signing_keys.ts";

export const ROLES = ["viewer", "operator", "admin"] as const;
export type Role = typeof ROLES[number];

export interface TokenClaims {
  jti: string;
  issuer: string;
  audience: string;
  /** The identity's URI. */
  subject: string;
  /** Of a person. */
  role: Role | null;
  /** The key that its bearer must prove to have, by its thumbprint (RFC 7638). */
  boundTo: string | null;
  fromS: number;
  untilS: number;
}

export async function signToken(
  key: SigningKey,
  { jti, issuer, audience, subject, role, boundTo, fromS, untilS }: TokenClaims,
): Promise<string> {
  // `cnf` is RFC 7800's, with the member that RFC 9449 §6.1 has for a thumbprint.
  const claims = { ...role === null ? {} : { role }, ...boundTo === null ? {} : { cnf: { jkt: boundTo } } };
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: ALGORITHM, typ: "JWT", kid: key.kid })
    .setJti(jti)
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(subject)
    .setIssuedAt(fromS)
    .setExpirationTime(untilS)
    .sign(await privateKeyOf(key));
}

/** The thumbprint of a public key in JWK form. @throws {Error} when it is none, or gives its secret away */
export async function thumbprintOf(text: string): Promise<string> {
  try {
    const jwk: JWK = JSON.parse(text);
    if ("d" in jwk || "k" in jwk) {
      throw new TypeError("it has its secret part: only the public one may leave its owner");
    }
    return await calculateJwkThumbprint(jwk);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot bind a token to this key: ${reason}`, { cause });
  }
}
