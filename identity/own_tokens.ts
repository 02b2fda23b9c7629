// Tokens for people where nobody else signs any: by a key that this process makes at its start, and forgets at its end.
import { createSigningKey, keySetText, publicKeyOf } from "./pki/signing_keys.ts";
import { signToken } from "./pki/tokens.ts";

const LIFE_S = 3600;

/** What the gate needs to believe them, and the first one. */
export interface OwnTokens {
  keys: { text: string; refresh: () => Promise<boolean> };
  /** Of somebody who may do everything, for an hour. */
  adminToken: string;
}

/** @param fleet in whose name; @param nowMs Unix ms */
export async function ownTokens({ fleet, audience, nowMs }: {
  fleet: string;
  audience: string;
  nowMs: number;
}): Promise<OwnTokens> {
  const key = await createSigningKey();
  const fromS = Math.floor(nowMs / 1000);
  const issuer = `slipstream://${fleet}`;
  const adminToken = await signToken(key, {
    ...{ jti: crypto.randomUUID(), issuer, audience, subject: `${issuer}/person/admin`, role: "admin", boundTo: null },
    ...{ fromS, untilS: fromS + LIFE_S },
  });
  return { keys: { text: keySetText([publicKeyOf(key)]), refresh: () => Promise.resolve(false) }, adminToken };
}
