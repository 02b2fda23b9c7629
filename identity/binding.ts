// A token that is bound to a key is worth nothing without that key: whoever brings it signs a challenge of ours, as in DPoP
// (RFC 9449): a JWT in the header `dpop` that names the method, the address and a nonce which was given out moments ago.
import { lateNode } from "../platform/late_node.ts";
import { digestOf } from "./digest.ts";

/** A nonce is good for one or two of these. */
const NONCE_MS = 60_000;
const PROOF_BYTES_MAX = 2048;

export interface BindingRequest {
  method: string;
  /** Of the address only this is compared: what ends TLS may give us another host than the client asked for. */
  path: string;
  /** The header; undefined: there is none. */
  proof: string | undefined;
  token: string;
}

/** Challenges, and looks at what comes back. It keeps nothing: a nonce is a keyed hash of its minute. */
export class Binding {
  readonly #key = crypto.getRandomValues(new Uint8Array(32));
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** What is to be signed now: goes out in the header `dpop-nonce` of a refusal. */
  get nonce(): string {
    return this.#nonceOf(Math.floor(this.#nowMs() / NONCE_MS));
  }

  /** Whether whoever asks has the key of this thumbprint (RFC 7638). When it was signed, the nonce says: their clock may be wrong. */
  async holds(thumbprint: string, { method, path, proof, token }: BindingRequest): Promise<boolean> {
    if (proof === undefined || proof.length > PROOF_BYTES_MAX) return false;
    const { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } = await import("jose");
    try {
      const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
        ...{ typ: "dpop+jwt", algorithms: ["EdDSA", "Ed25519", "ES256"], currentDate: new Date(this.#nowMs()) },
        requiredClaims: ["iat"],
      });
      const { htm, htu, ath, nonce } = payload;
      const isOurs = htm === method && pathOf(htu) === path && ath === await digestOf(token) && this.#isFresh(nonce);
      return isOurs && await calculateJwkThumbprint(protectedHeader.jwk!) === thumbprint;
    } catch (error) {
      // Whatever a key that somebody made up does to a library: it proves nothing.
      if (error instanceof Error) return false;
      throw error;
    }
  }

  #isFresh(nonce: unknown): boolean {
    if (typeof nonce !== "string") return false;
    const minute = Math.floor(this.#nowMs() / NONCE_MS);
    return [minute, minute - 1].some((of) => isSame(nonce, this.#nonceOf(of)));
  }

  #nonceOf(minute: number): string {
    return lateNode("node:crypto").createHmac("sha256", this.#key).update(String(minute)).digest("base64url");
  }
}

function isSame(a: string, b: string): boolean {
  const [x, y] = [new TextEncoder().encode(a), new TextEncoder().encode(b)];
  return x.length === y.length && lateNode("node:crypto").timingSafeEqual(x, y);
}

function pathOf(url: unknown): string | undefined {
  return typeof url === "string" ? URL.parse(url)?.pathname : undefined;
}
