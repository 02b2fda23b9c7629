// JSON Web Tokens (RFC 7519) → identities. Who signs them publishes a set of keys; it is read again when it changes, so that
// keys come and go without a restart.
import type { JWTPayload } from "jose";
import { digestOf } from "./digest.ts";
import type { Denied, Identity } from "./identity.ts";
import type { KeySet } from "./key_set.ts";
import { isTokenId } from "./revocation_list.ts";
import type { Subject } from "./subjects.ts";

type Jose = typeof import("jose");

/** Somebody who signs tokens. */
export interface Issuer {
  /** What a token must have as its `iss`; null: whatever `subjectOf` makes of it. */
  issuer: string | null;
  audience: string;
  /** By which it may be signed. */
  algorithms: string[];
  /**
   * Its tokens must be as ours: with a `jti`, and no longer than an hour. Of somebody else's, one without is known by its digest, and
   * one that lives longer is believed for an hour.
   */
  strict: boolean;
  keys: KeySet;
  /** Whom a token names, and what they may do. */
  subjectOf: (claims: JWTPayload) => Subject | Denied;
}

export interface TokensParts {
  issuers: readonly Issuer[];
  /** Unix ms. */
  nowMs: () => number;
}

/** No token is believed for longer. */
const LIFE_S_MAX = 3600;
/** By so much the clocks of who signs and who reads may differ. */
const TOLERANCE_S = 5;
const BYTES_MAX = 4096;

/** What a token proves, and to whose key it is bound: its SHA-256 thumbprint (RFC 7638); null: to none. */
export interface Proven {
  identity: Identity;
  boundTo: string | null;
}

export class Tokens {
  readonly #parts: TokensParts;
  #jose: Promise<Jose> | null = null;

  constructor(parts: TokensParts) {
    this.#parts = parts;
  }

  async identify(token: string): Promise<Proven | Denied> {
    if (token.length > BYTES_MAX) return denied("unreadable", `it has more than ${BYTES_MAX} characters`);
    const jose = await (this.#jose ??= import("jose"));
    try {
      return await this.#proven(token, { jose, issuer: this.#issuerOf(jose.decodeJwt(token)) });
    } catch (error) {
      if (error instanceof jose.errors.JOSEError) return deniedBy(error);
      throw error;
    }
  }

  /** Whether a token that this key has signed still proves anything. */
  believes(signer: string): boolean {
    return this.#parts.issuers.some(({ keys }) => keys.has(signer));
  }

  /** Who says to have signed it: whether that is so, is looked at afterwards. */
  #issuerOf({ iss }: JWTPayload): Issuer {
    const { issuers } = this.#parts;
    return issuers.find(({ issuer }) => issuer === iss) ?? issuers.find(({ issuer }) => issuer === null) ?? issuers[0]!;
  }

  async #proven(token: string, { jose, issuer: of }: { jose: Jose; issuer: Issuer }): Promise<Proven | Denied> {
    const { issuer, audience, algorithms, strict, keys, subjectOf } = of;
    let signer = "";
    const { payload } = await jose.jwtVerify(token, async (header, token) => {
      const { key, name } = await keys.find(header, token);
      signer = name;
      return key;
    }, {
      ...{ algorithms, audience, clockTolerance: TOLERANCE_S, currentDate: new Date(this.#parts.nowMs()) },
      ...issuer !== null && { issuer },
      // With it `iat` is looked at, too: none of the future.
      maxTokenAge: LIFE_S_MAX,
      requiredClaims: ["iss", "sub", "iat", "exp", ...strict ? ["jti"] : []],
    });
    const { iat = 0, exp = 0, cnf } = payload;
    if (strict && exp - iat > LIFE_S_MAX) return denied("unreadable", "it lives longer than an hour");
    // Without the signature: of some there is more than one.
    const { jti = await digestOf(token.slice(0, token.lastIndexOf("."))) } = payload;
    if (typeof jti !== "string" || !isTokenId(jti)) return denied("unreadable", "nobody could revoke it by its jti");
    const subject = subjectOf(payload);
    if ("error" in subject) return subject;
    const boundTo = thumbprintOf(cnf);
    if (boundTo === undefined) return denied("not-bound", "what it is bound to cannot be read");
    const expiresMs = Math.min(exp, iat + LIFE_S_MAX) * 1000;
    return { identity: { ...subject, proof: `token ${jti}`, signer, issuedMs: iat * 1000, expiresMs }, boundTo };
  }
}

/** Undefined: there is something else than a thumbprint. */
function thumbprintOf(cnf: unknown): string | null | undefined {
  if (cnf === undefined) return null;
  const jkt = typeof cnf === "object" && cnf !== null && "jkt" in cnf ? cnf.jkt : undefined;
  return typeof jkt === "string" ? jkt : undefined;
}

function deniedBy(error: InstanceType<Jose["errors"]["JOSEError"]>): Denied {
  const [claim, reason] = "claim" in error && "reason" in error ? [error.claim, error.reason] : [];
  if (error.code === "ERR_JWT_EXPIRED") return denied("expired", "it has ended");
  if (claim === "aud") return denied("wrong-audience", "it is for somebody else");
  if (reason === "check_failed" && (claim === "nbf" || claim === "iat")) {
    return denied("not-yet", "it is of the future");
  }
  if (error.code === "ERR_JWT_CLAIM_VALIDATION_FAILED") return denied("unreadable", `${claim} is missing or wrong`);
  if (error.code === "ERR_JWS_INVALID" || error.code === "ERR_JWT_INVALID") return denied("unreadable", "it is none");
  // An algorithm that is not allowed ("none" among them), a key that nobody knows, a signature that does not fit.
  return denied("forged", "its signature is not ours");
}

function denied(reason: Denied["reason"], why: string): Denied {
  return { status: 401, reason, error: `Cannot believe the token: ${why}` };
}
