// A journal's own name, made with it, by which sinks tell what they have of it from what they have of others. One that begins
// anew gets another: what it counts, and numbers, is not what was counted and numbered before.
import type { Disk } from "./disk.ts";

export interface JournalIdentity {
  id: string;
  /** The entry with which it began. */
  firstIndex: number;
  /** Its alerts have numbers above this one: those up to it may have been given before. */
  alertsAfter: number;
}

const FILE_NAME = "id";
/** One that began with nothing before it has a time of birth, in Unix µs, and nothing else. */
const ANEW = /^journal-\d+-from-(\d+)-alerts-after-(\d+)$/;

/** Null: there is none yet. */
export function readIdentity(disk: Pick<Disk, "list" | "read">): JournalIdentity | null {
  if (!disk.list().some(({ name }) => name === FILE_NAME)) return null;
  const id = new TextDecoder().decode(disk.read(FILE_NAME));
  const [, firstIndex = 1, alertsAfter = 0] = ANEW.exec(id) ?? [];
  return { id, firstIndex: Number(firstIndex), alertsAfter: Number(alertsAfter) };
}

/** Gives a journal its name, durably. `nowUs`: Unix µs. */
export async function nameJournal(
  disk: Pick<Disk, "replace">,
  { firstIndex = 1, alertsAfter = 0, nowUs }: { firstIndex?: number; alertsAfter?: number; nowUs: number },
): Promise<JournalIdentity> {
  const born = `journal-${Math.round(nowUs)}`;
  const id = alertsAfter > 0 ? `${born}-from-${firstIndex}-alerts-after-${alertsAfter}` : born;
  await disk.replace(FILE_NAME, [new TextEncoder().encode(id)]);
  return { id, firstIndex, alertsAfter };
}
