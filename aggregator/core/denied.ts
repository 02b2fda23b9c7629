// Who was not let in, or let go, at the aggregator's own doors or at an edge's, is on record; a drone by its name in the log, so
// that the record need not be changed when it is erased.
import type { Denial } from "../../identity/denials.ts";
import { parseIdentityUri } from "../../identity/uri.ts";
import type { Pseudonym } from "../../platform/pseudonyms.ts";
import type { Sequencer } from "./sequencer.ts";

export interface Denied {
  /** At whose doors: "aggregator", or an edge's id. */
  where: string;
  denials: readonly { [Part in keyof Denial]: Part extends "reason" ? string : Denial[Part] }[];
}

/** One record for all that happened alike; nobody waits for it. */
export function recordDenials(
  { sequencer, pseudonym }: { sequencer: Pick<Sequencer, "audit">; pseudonym: Pseudonym },
  { where, denials }: Denied,
): void {
  for (const { who, reason, count } of denials) {
    const named = parseIdentityUri(who);
    const name = named?.kind === "drone" ? pseudonym(named.id) : who;
    const deed = { who: name, what: `not let in: ${reason}`, subject: where, before: "", after: `${count} time(s)` };
    // A journal that is closed before is heard of elsewhere.
    sequencer.audit(deed).catch(() => undefined);
  }
}
