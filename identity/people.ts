// What the tokens of an OpenID Connect provider say, which knows people and nothing of drones: whatever is in one, it names a person.
import type { JWTPayload } from "jose";
import type { Denied } from "./identity.ts";
import { ROLES } from "./identity.ts";
import { ofSubject, type Subject } from "./subjects.ts";
import type { Issuer } from "./tokens.ts";
import { identityUri, isId } from "./uri.ts";

/** Where in a token the person is found. */
export interface PeopleClaims {
  /** A name that is never somebody else's, such as `sub`. */
  name: string;
  /** One text or a list of them, some of which are roles. Within others by dots: `realm_access.roles`. */
  role: string;
}

export interface PeopleParts extends Pick<Issuer, "audience" | "keys"> {
  issuer: string;
  claims: PeopleClaims;
  /** Of the people. */
  fleet: string;
}

export function peopleIssuer({ issuer, audience, keys, claims, fleet }: PeopleParts): Issuer {
  return {
    ...{ issuer, audience, keys, strict: false },
    algorithms: ["EdDSA", "Ed25519", "ES256", "ES384", "PS256", "RS256"],
    subjectOf: (payload) => personOf(payload, { claims, fleet }),
  };
}

function personOf(payload: JWTPayload, { claims, fleet }: { claims: PeopleClaims; fleet: string }): Subject | Denied {
  const id = claimOf(payload, claims.name);
  if (typeof id !== "string" || !isId(id)) {
    return { status: 401, reason: "wrong-subject", error: `Cannot believe the token: its ${claims.name} is no name` };
  }
  const role = highest(claimOf(payload, claims.role));
  return ofSubject(identityUri({ fleet, kind: "person", id }), { fleets: new Set(), role, droneIds: [] });
}

/** A claim whose own name has dots, as some providers demand, goes before one within others. */
function claimOf(claims: JWTPayload, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name.split(".").reduce<unknown>(
    (within, part) =>
      typeof within === "object" && within !== null && Object.hasOwn(within, part)
        ? (within as Record<string, unknown>)[part]
        : undefined,
    claims,
  );
}

function highest(said: unknown): string | undefined {
  const all: unknown[] = Array.isArray(said) ? said : [said];
  return ROLES.findLast((role) => all.includes(role));
}
