// Who somebody is, and what they may do: decided once for a connection or a request, whatever it speaks.

/** What may be done. */
export type Action =
  /** Send telemetry, for one's own drones, and be warned. */
  | "publish"
  /** Hand over what drones sent. */
  | "uplink"
  /** Read what is known of the fleet. */
  | "view"
  /** Acknowledge alerts, send again, change settings. */
  | "operate"
  /** Erase, and read who did what. */
  | "administer";

/** What a person is to this system; each may do what those before it may. */
export const ROLES = ["viewer", "operator", "admin"] as const;
export type Role = typeof ROLES[number];

export const ACTIONS_OF_ROLE: Record<Role, ReadonlySet<Action>> = {
  viewer: new Set(["view"]),
  operator: new Set(["view", "operate"]),
  admin: new Set(["view", "operate", "administer"]),
};

/** One who has proven who they are. */
export interface Identity {
  /** slipstream://FLEET/drone/ID, …/edge/ID or …/person/NAME; "anyone" where nobody must prove anything. */
  readonly uri: string;
  /** The last part of the URI. */
  readonly id: string;
  readonly actions: ReadonlySet<Action>;
  /** Drones for whom it speaks; null: for any. */
  readonly droneIds: ReadonlySet<string> | null;
  /** By what it can be revoked: `certificate SERIAL` or `token JTI`. */
  readonly proof: string;
  /** The key that has signed its token, see KeySet: without that key the token proves nothing. Null: it has brought none. */
  readonly signer: string | null;
  /** When its proof was made, and until when it holds: Unix ms. */
  readonly issuedMs: number;
  readonly expiresMs: number;
}

/** Why somebody is not let in. `status`: 401 nobody knows who that is, 403 it is known, and may not. */
export interface Denied {
  status: 401 | 403 | 429;
  /** One of few words, to be counted by. */
  reason: DenialReason;
  /** For people. */
  error: string;
}

/** In the order in which they are counted in /v1/status. */
export const DENIAL_REASONS = [
  "no-proof",
  "unreadable",
  "expired",
  "not-yet",
  "forged",
  "wrong-audience",
  "wrong-subject",
  "revoked",
  "not-bound",
  "not-allowed",
  "foreign-drone",
  "stranger",
  "too-often",
] as const;
export type DenialReason = typeof DENIAL_REASONS[number];

/** Where nobody must prove anything: on loopback, without settings for identities. */
export const ANYONE: Identity = {
  uri: "anyone",
  id: "anyone",
  actions: new Set<Action>(["publish", "uplink", "view", "operate", "administer"]),
  droneIds: null,
  proof: "none",
  signer: null,
  issuedMs: 0,
  expiresMs: Infinity,
};

/** Of a URI's kind; people have roles. */
export function actionsOf(kind: "drone" | "edge"): ReadonlySet<Action> {
  return new Set<Action>(kind === "drone" ? ["publish"] : ["uplink"]);
}
