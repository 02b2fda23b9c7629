// What our own tokens say: of drones, edges and people, by their names.
import type { JWTPayload } from "jose";
import type { Denied } from "./identity.ts";
import { ofSubject, type Subject } from "./subjects.ts";
import type { Issuer } from "./tokens.ts";
import { parseIdentityUri } from "./uri.ts";

const DRONES_MAX = 1000;

/** @param issuer null: slipstream://FLEET, of the fleet that a token names; @param fleets those that are let in; empty: any */
export function ownIssuer(
  { issuer, audience, keys, fleets }: Pick<Issuer, "issuer" | "audience" | "keys"> & { fleets: ReadonlySet<string> },
): Issuer {
  return {
    ...{ issuer, audience, keys, algorithms: ["EdDSA", "Ed25519"], strict: true },
    subjectOf: (claims) => issuer === null ? ofItsFleet(claims, fleets) : subjectOf(claims, fleets),
  };
}

function ofItsFleet(claims: JWTPayload, fleets: ReadonlySet<string>): Subject | Denied {
  const { iss, sub } = claims;
  const named = typeof sub === "string" ? parseIdentityUri(sub) : null;
  if (named && iss !== `slipstream://${named.fleet}`) {
    return { status: 401, reason: "wrong-subject", error: "Cannot believe the token: its issuer cannot name that" };
  }
  return subjectOf(claims, fleets);
}

function subjectOf({ sub, role, drones }: JWTPayload, fleets: ReadonlySet<string>): Subject | Denied {
  return ofSubject(sub, { fleets, role, droneIds: listOf(drones) });
}

function listOf(drones: unknown): string[] {
  if (!Array.isArray(drones)) return [];
  return drones.filter((id): id is string => typeof id === "string").slice(0, DRONES_MAX);
}
