// What an edge says of itself first, and whether that can be.
import { ANYONE, type Identity } from "../../identity/identity.ts";
import type { EdgeHello } from "../../proto/gen/slipstream/v1/uplink_pb.ts";

const REGION_CHARACTERS_MAX = 64;

/** Why a connection of that identity cannot be this edge's; null: it can. */
export function refusalOfHello({ edgeId, session, region }: EdgeHello, identity: Identity): string | null {
  if (!/^[^\p{Cc}]{1,64}$/u.test(edgeId)) return "Cannot take the edge id: 1 to 64 characters";
  if (session === 0n) return "Cannot take the session: it must not be 0";
  if (region.length > REGION_CHARACTERS_MAX) return "Cannot take the region: 64 characters at most";
  return isProven(edgeId, identity) ? null : `Cannot connect as ${edgeId}: the proof is of ${identity.id}`;
}

/** Whether that identity may go by that id: by its own, or as one of several that share it, such as `edge-1~pod-7`. */
export function isProven(edgeId: string, identity: Identity): boolean {
  return identity === ANYONE || identity.id === edgeId || edgeId.startsWith(`${identity.id}~`);
}
