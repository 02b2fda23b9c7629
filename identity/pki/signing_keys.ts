// The key that signs tokens, and the key set by which they are checked (RFC 7517). After a rotation the key before stays in the
// set until the last token that it signed has ended.
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";

export const ALGORITHM = "EdDSA";
const CURVE = "Ed25519";
/** No token lives longer. */
export const TOKEN_MINUTES_MAX = 60;

export interface SigningKey {
  kid: string;
  /** With the private part. */
  jwk: JWK;
}

/**
 * A key of the set; `exp` (as in OpenID Federation): the Unix second from which it counts no more; `sub`: whose it is, and of
 * whom alone it is believed.
 */
export type PublicKey = JWK & { kid: string; exp?: number; sub?: string };

export async function createSigningKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { crv: CURVE, extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, jwk: { ...jwk, kid, alg: ALGORITHM, use: "sig" } };
}

/** What may be shown of it. */
export function publicKeyOf({ kid, jwk: { d: _secret, ...jwk } }: SigningKey): PublicKey {
  return { ...jwk, kid };
}

/** The set after a rotation: the new key, and those whose tokens may live. */
export function rotated(before: readonly PublicKey[], { key, nowS }: { key: SigningKey; nowS: number }): PublicKey[] {
  return [publicKeyOf(key), ...replaced(before, { sub: undefined, nowS })];
}

/** The set in which those of one owner end with the last of their tokens. */
export function replaced(
  before: readonly PublicKey[],
  { sub, nowS }: { sub: string | undefined; nowS: number },
): PublicKey[] {
  const endS = nowS + TOKEN_MINUTES_MAX * 60;
  return unended(before.map((old) => old.sub === sub ? { ...old, exp: old.exp ?? endS } : old), nowS);
}

/** Without the keys whose last token has ended. */
export function unended(keys: readonly PublicKey[], nowS: number): PublicKey[] {
  return keys.filter(({ exp = Infinity }) => exp > nowS);
}

export function readSigningKey(text: string): SigningKey {
  const jwk: JWK = JSON.parse(text);
  if (jwk.kid === undefined) throw new Error("Cannot read the token key: it has no kid");
  return { kid: jwk.kid, jwk };
}

export function privateKeyOf({ jwk }: SigningKey): ReturnType<typeof importJWK> {
  return importJWK(jwk, ALGORITHM);
}

export function readKeySet(text: string): PublicKey[] {
  return JSON.parse(text).keys;
}

export function keySetText(keys: readonly PublicKey[]): string {
  return `${JSON.stringify({ keys }, null, 2)}\n`;
}
