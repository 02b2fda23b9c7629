// A token that an edge signs itself, by a key that is believed of nobody else: where no file can be brought and no certificate be
// shown, as on Deno Deploy.
import { lateNode } from "../../platform/late_node.ts";

const LIFE_S = 3600;

/** As `pki key` prints it: an Ed25519 private key as a JSON Web Key, with the name of its owner. */
interface OwnKey {
  kid: string;
  d: string;
  /** slipstream://FLEET/edge/ID */
  sub: string;
}

/** The DER of a PKCS #8 Ed25519 key up to its 32 bytes (RFC 8410 §7). */
const PKCS8_HEAD = Uint8Array.fromHex("302e020100300506032b657004220420");

/** Good for an hour. @throws {TypeError} when the key is none */
export function ownToken(jwk: string, { audience, nowMs }: { audience: string; nowMs: number }): string {
  const { kid, d, sub } = readKey(jwk);
  const iat = Math.floor(nowMs / 1000);
  const claims = { iss: fleetOf(sub), sub, aud: audience, jti: crypto.randomUUID(), iat, exp: iat + LIFE_S };
  const signed = [{ alg: "EdDSA", typ: "JWT", kid }, claims].map((part) => encoded(JSON.stringify(part))).join(".");
  const { createPrivateKey, sign } = lateNode("node:crypto");
  const der = lateNode("node:buffer").Buffer.from([
    ...PKCS8_HEAD,
    ...Uint8Array.fromBase64(d, { alphabet: "base64url" }),
  ]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return `${signed}.${toBase64Url(new Uint8Array(sign(null, new TextEncoder().encode(signed), key)))}`;
}

function readKey(jwk: string): OwnKey {
  try {
    const key: Partial<OwnKey> = JSON.parse(jwk);
    if ([key.kid, key.d, key.sub].every((part) => typeof part === "string")) return key as OwnKey;
  } catch (cause) {
    throw new TypeError("Cannot read the key that signs the edge's tokens: it is no JSON", { cause });
  }
  throw new TypeError("Cannot read the key that signs the edge's tokens: it lacks kid, d or sub");
}

function fleetOf(uri: string): string {
  return uri.split("/").slice(0, 3).join("/");
}

function encoded(text: string): string {
  return toBase64Url(new TextEncoder().encode(text));
}

function toBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
