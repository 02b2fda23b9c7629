// Whom a proof names → what they may do.
import { ACTIONS_OF_ROLE, actionsOf, type Denied, type Identity, type Role, ROLES } from "./identity.ts";
import { parseIdentityUri } from "./uri.ts";

/** What a proof says besides its subject. */
export interface Claims {
  /** Fleets whose members are let in; empty: any. */
  fleets: ReadonlySet<string>;
  /** Of a person. */
  role: unknown;
  /** Drones that one drone speaks for besides itself: a gateway's. */
  droneIds: readonly string[];
}

/** An identity without what is known of its proof. */
export type Subject = Pick<Identity, "uri" | "id" | "actions" | "droneIds">;

/** @param uri slipstream://FLEET/drone/ID, …/edge/ID or …/person/NAME; anything else names nobody */
export function ofSubject(uri: unknown, { fleets, role, droneIds }: Claims): Subject | Denied {
  const named = typeof uri === "string" ? parseIdentityUri(uri) : null;
  if (typeof uri !== "string" || !named) return wrong("it names no slipstream://FLEET/drone|edge|person/ID");
  const { fleet, kind, id } = named;
  if (fleets.size > 0 && !fleets.has(fleet)) return wrong(`${fleet} is none of our fleets`);
  if (kind === "drone") return { uri, id, actions: actionsOf(kind), droneIds: new Set([id, ...droneIds]) };
  if (kind === "edge") return { uri, id, actions: actionsOf(kind), droneIds: null };
  if (!isRole(role)) return wrong(`a person's role is one of ${ROLES.join(", ")}`);
  return { uri, id, actions: ACTIONS_OF_ROLE[role], droneIds: new Set() };
}

function isRole(role: unknown): role is Role {
  return ROLES.some((known) => known === role);
}

function wrong(why: string): Denied {
  return { status: 401, reason: "wrong-subject", error: `Cannot believe the proof: ${why}` };
}
