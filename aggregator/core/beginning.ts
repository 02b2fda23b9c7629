// Where a core begins: with what its journal says, under the journal's name. A journal whose beginning nobody knows any more, or
// that another version numbered otherwise, begins anew, by another name and with numbers of alerts that were never given; one
// that only a newer version can read is refused.
import type { Disk } from "../journal/disk.ts";
import { type Found, lookAt } from "../journal/found.ts";
import { type JournalIdentity, nameJournal, readIdentity } from "../journal/identity.ts";
import type { Output } from "../outputs.ts";
import type { ToldAlerts } from "../sinks/told_alerts.ts";
import { contradicts } from "./contradiction.ts";
import { recover, type Recovered, type RecoveryParts } from "./recovery.ts";
import type { Place } from "./sequencer.ts";

export interface BeginningParts<P extends RecoveryParts["pipeline"]>
  extends Pick<RecoveryParts, "decompress" | "onLosses" | "onProgress"> {
  disk: Disk;
  /** Another one each time. */
  pipeline: () => P;
  /** What was told of alerts; null: nobody knows. */
  told: ToldAlerts | null;
  deliver: (outputs: Output[], place: Place & { journalId: string }) => void;
  nowUs: () => number;
}

export interface Beginning<P> {
  pipeline: P;
  journalId: string;
  recovered: Recovered;
}

/** @throws {Error} when a newer version wrote what cannot be read here, or an entry is not of any journal's making */
export async function begin<P extends RecoveryParts["pipeline"]>(parts: BeginningParts<P>): Promise<Beginning<P>> {
  const { disk, told, nowUs, deliver } = parts;
  let found = lookAt(disk);
  let { identity, isNamedAnew } = await identityOf(found, parts);
  for (;;) {
    const pipeline = parts.pipeline();
    const { id: journalId, alertsAfter } = identity;
    const recovered = recover({
      ...{ ...parts, pipeline, found, alertsAfter },
      deliver: (outputs, place) => deliver(outputs, { ...place, journalId }),
      contradicts: (outputs, index) => {
        return told !== null && contradicts(outputs, { index, told: (alertId) => told.alert(journalId, alertId) });
      },
    });
    const isTrue = recovered !== null && (told?.highestId(journalId) ?? 0) <= pipeline.skipAlertIds(0);
    if (isTrue) return { pipeline, journalId, recovered: { ...recovered, isNamedAnew } };
    identity = await anew(found, { disk, told, nowUs });
    isNamedAnew = true;
    // What was restored is in use.
    found = lookAt(disk);
  }
}

type NamingParts = Pick<BeginningParts<RecoveryParts["pipeline"]>, "disk" | "told" | "nowUs">;

async function identityOf(
  found: Found,
  parts: NamingParts,
): Promise<{ identity: JournalIdentity; isNamedAnew: boolean }> {
  const { disk, told, nowUs } = parts;
  const identity = readIdentity(disk);
  const { checkpoint, unreadable, firstIndex, isCut, isEmpty } = found;
  // Where the database has alerts there was another journal, whose numbers people know.
  const isFirst = !identity && isEmpty && (told?.highestId() ?? 0) === 0;
  if (isFirst) return { identity: await nameJournal(disk, { nowUs: nowUs() }), isNamedAnew: false };
  // One that began anew with what is left here goes on.
  const isLeft = isCut && identity?.firstIndex !== firstIndex;
  // Nobody can tell whether it numbers as the version did that wrote them.
  const isUntold = checkpoint === null && told === null && unreadable.some(({ version }) => version !== null);
  if (identity && !isLeft && !isUntold) return { identity, isNamedAnew: false };
  return { identity: await anew(found, parts), isNamedAnew: true };
}

// Above the highest number that is known, and above any that were given before: fewer than one a second.
function anew({ firstIndex }: Found, { disk, told, nowUs }: NamingParts): Promise<JournalIdentity> {
  const alertsAfter = Math.max(told?.highestId() ?? 0, Math.floor(nowUs() / 1e6));
  return nameJournal(disk, { firstIndex, alertsAfter, nowUs: nowUs() });
}
