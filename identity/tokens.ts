// JSON Web Tokens (RFC 7519), signed by EdDSA → identities. Who signs them publishes a set of keys; it is read again when it
// changes, so that keys come and go without a restart.
import type { Denied, Identity } from "./identity.ts";
import { type KeySet } from "./key_set.ts";
import { ofSubject } from "./subjects.ts";
import { parseIdentityUri } from "./uri.ts";

type Jose = typeof import("jose");

export interface TokensParts {
  /** Null: slipstream://FLEET, of the fleet that it names. */
  issuer: string | null;
  audience: string;
  fleets: ReadonlySet<string>;
  keys: KeySet;
  /** Unix ms. */
  nowMs: () => number;
}

/** A token that lives longer is refused, whoever signed it. */
const LIFE_S_MAX = 3600;
/** By so much the clocks of who signs and who reads may differ. */
const TOLERANCE_S = 5;
const BYTES_MAX = 4096;
const DRONES_MAX = 1000;

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
    const { issuer, audience, fleets, keys, nowMs } = this.#parts;
    try {
      const { payload } = await jose.jwtVerify(token, (header, token) => keys.find(header, token), {
        algorithms: ["EdDSA", "Ed25519"],
        ...issuer !== null && { issuer },
        ...{ audience, clockTolerance: TOLERANCE_S, currentDate: new Date(nowMs()) },
        // With it `iat` is looked at, too: none of the future.
        maxTokenAge: LIFE_S_MAX,
        requiredClaims: ["iss", "sub", "iat", "exp", "jti"],
      });
      const { iss, sub = "", iat = 0, exp = 0, jti = "", cnf } = payload;
      if (exp - iat > LIFE_S_MAX) return denied("unreadable", "it lives longer than an hour");
      if (issuer === null && iss !== issuerOf(sub)) return denied("wrong-subject", "its issuer cannot name that");
      const subject = ofSubject(sub, { fleets, role: payload.role, droneIds: listOf(payload.drones) });
      if ("error" in subject) return subject;
      const boundTo = thumbprintOf(cnf);
      if (boundTo === undefined) return denied("not-bound", "what it is bound to cannot be read");
      return { identity: { ...subject, proof: `token ${jti}`, issuedMs: iat * 1000, expiresMs: exp * 1000 }, boundTo };
    } catch (error) {
      if (error instanceof jose.errors.JOSEError) return deniedBy(error);
      throw error;
    }
  }
}

function issuerOf(uri: string): string | null {
  const named = parseIdentityUri(uri);
  return named && `slipstream://${named.fleet}`;
}

/** Undefined: there is something else than a thumbprint. */
function thumbprintOf(cnf: unknown): string | null | undefined {
  if (cnf === undefined) return null;
  const jkt = typeof cnf === "object" && cnf !== null && "jkt" in cnf ? cnf.jkt : undefined;
  return typeof jkt === "string" ? jkt : undefined;
}

function listOf(drones: unknown): string[] {
  if (!Array.isArray(drones)) return [];
  return drones.filter((id): id is string => typeof id === "string").slice(0, DRONES_MAX);
}

function deniedBy(error: InstanceType<Jose["errors"]["JOSEError"]>): Denied {
  const claim = "claim" in error ? error.claim : undefined;
  if (error.code === "ERR_JWT_EXPIRED") return denied("expired", "it has ended");
  if (claim === "aud") return denied("wrong-audience", "it is for somebody else");
  if (claim === "nbf" || claim === "iat") return denied("not-yet", "it is of the future");
  if (error.code === "ERR_JWT_CLAIM_VALIDATION_FAILED") return denied("unreadable", `${claim} is missing or wrong`);
  if (error.code === "ERR_JWS_INVALID" || error.code === "ERR_JWT_INVALID") return denied("unreadable", "it is none");
  // An algorithm that is not allowed ("none" among them), a key that nobody knows, a signature that does not fit.
  return denied("forged", "its signature is not ours");
}

function denied(reason: Denied["reason"], why: string): Denied {
  return { status: 401, reason, error: `Cannot believe the token: ${why}` };
}
