// What an edge says of itself first, and whether that can be.
import { ANYONE, type Identity } from "../../identity/identity.ts";
import type { EdgeHello } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { CloseCode, SHARED_ID_MARK } from "../../proto/words.ts";

const REGION_CHARACTERS_MAX = 64;
/** What each of several that share an id has behind it. */
const OF_SEVERAL = new RegExp(`^${SHARED_ID_MARK}[\\w.~-]+$`);

/** Why an edge is refused, and the code by which its connection is closed. */
export interface HelloRefusal {
  code: number;
  why: string;
}

/** Why a connection of that identity cannot be this edge's; null: it can. */
export function refusalOfHello(hello: EdgeHello, identity: Identity): HelloRefusal | null {
  const why = faultOf(hello, identity);
  return why === null ? null : { code: CloseCode.policyViolation, why };
}

function faultOf({ edgeId, session, region }: EdgeHello, identity: Identity): string | null {
  if (!/^[^\p{Cc}]{1,64}$/u.test(edgeId)) return "Cannot take the edge id: 1 to 64 characters";
  if (session === 0n) return "Cannot take the session: it must not be 0";
  if (region.length > REGION_CHARACTERS_MAX) return "Cannot take the region: 64 characters at most";
  return isProven(edgeId, identity) ? null : `Cannot connect as ${edgeId}: the proof is of ${identity.id}`;
}

/** Whether that identity may go by that id: its own, or as one of several that share it, as in `edge-1~2`, `edge-1~pod~2`. */
export function isProven(edgeId: string, identity: Identity): boolean {
  if (identity === ANYONE || identity.id === edgeId) return true;
  return edgeId.startsWith(identity.id) && OF_SEVERAL.test(edgeId.slice(identity.id.length));
}
