// What an edge says as an alert whose drones cannot be heard: why, and which of them are silent.
import type { AlertEvent } from "../../outputs.ts";
import type { Behind } from "./survey.ts";

/** Why the silence of drones behind an edge says nothing about them. */
export type DeafCause =
  /** Nobody knows where it is; it said good-bye; it is back, but not yet all of its drones. */
  | "lost"
  | "left"
  | "rejoining"
  /** It still sends what it had to keep. */
  | "behind"
  /** Its machine is too slow, or ours; or the drones', or the way from them: most are heard late. */
  | "late"
  | "stale"
  /** Most of its drones fell silent at the same time. */
  | "together";

/** @param behind the drones that it heard last */
export function edgeLost(
  edgeId: string,
  { cause, lateMs, behind }: { cause: DeafCause; lateMs: number; behind: Behind },
): Pick<AlertEvent, "kind" | "severity" | "droneIds" | "detail" | "message"> {
  const { flying, flyingIds, silentIds } = behind;
  const silent = unheard(cause, behind);
  const why: Record<DeafCause, string> = {
    lost: `${edgeId} is lost`,
    left: `${edgeId} has left`,
    rejoining: `${edgeId} is back, not all of its drones are`,
    behind: `${edgeId} still delivers what it had to keep`,
    late: `${edgeId} or the aggregator comes ${(lateMs / 1000).toFixed(1)} s late: a machine is too slow`,
    stale: staleMessage(edgeId, behind),
    together: `Most drones of ${edgeId} fell silent together: the edge, its network, or a machine that is too slow`,
  };
  return {
    kind: "edge-lost",
    severity: severityOf(cause, behind),
    droneIds: isAway(cause) ? flyingIds : silentIds,
    detail: `edge/${edgeId}`,
    message: `${why[cause]}; ${silent} of ${flying} drones in the air that it heard last are silent`,
  };
}

/** An edge that is lost while none of its drones flies endangers nobody. */
export function severityOf(cause: DeafCause, { flying }: Behind): AlertEvent["severity"] {
  return cause === "lost" && flying === 0 ? "warning" : "critical";
}

/** How many of the drones in the air cannot be heard: nobody can through an edge that is not there. */
export function unheard(cause: DeafCause, { silent, flying }: Behind): number {
  return isAway(cause) ? flying : silent;
}

function isAway(cause: DeafCause): boolean {
  return cause === "lost" || cause === "left";
}

/** Of an edge that hears most of its drones late. */
export function staleMessage(edgeId: string, { late, lateUs }: Behind): string {
  const lateS = (lateUs / Math.max(1, late) / 1e6).toFixed(1);
  return `${edgeId} hears most of its drones ${lateS} s late: a machine, or the way from them, is too slow`;
}
