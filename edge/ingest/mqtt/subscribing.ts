// What a SUBSCRIBE is granted, filter by filter: those that match topics of warnings of one's own drones, and no others.
import type { ISubscription } from "mqtt-packet";
import type { Identity } from "../../../identity/identity.ts";
import { Reason } from "./reasons.ts";
import type { QoS, Session } from "./session.ts";
import { canMatchWarnings, droneOfFilter, isFilter } from "./topics.ts";

const SHARED = /^\$share\//;

/** The QoS that is granted, or the reason why none is. */
export function grant(
  { topic: filter, qos, nl }: ISubscription,
  { session, identity: { droneIds } }: { session: Session; identity: Identity },
): QoS | Reason {
  if (SHARED.test(filter)) return nl ? Reason.protocolError : Reason.sharedSubscriptionsNotSupported;
  if (!isFilter(filter)) return Reason.topicFilterInvalid;
  const droneId = droneOfFilter(filter);
  // What matches topics of several drones is for those who may speak for any.
  const isOwn = droneIds === null || (droneId !== null && droneIds.has(droneId));
  if (!isOwn || !canMatchWarnings(filter)) return Reason.notAuthorized;
  return session.subscribe(filter, qos) ? qos : Reason.quotaExceeded;
}
