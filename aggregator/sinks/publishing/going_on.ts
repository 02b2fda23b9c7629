// How far a destination has come, in a file beside the journal: the journal's name, an entry's number, and where that was published.
// What is known of one place says nothing of another.
import { join } from "node:path";
import type { ReadOnlyDisk } from "../../journal/disk.ts";
import { FolderDisk } from "../../journal/disk.ts";
import type { JournalIdentity } from "../../journal/identity.ts";

const SUFFIX = ".position";

/** A file in the journal's folder. */
export function progressName(destination: string): string {
  return destination + SUFFIX;
}

/** Where a destination has the journal: under a prefix, with whom one reaches at these addresses. */
export interface Place {
  prefix: string;
  /** HOST:PORT of some; who shares one with another is the same. */
  addresses: readonly string[];
}

/** Where it begins, with a destination of which nothing is known: everything, or what comes from now on. */
export interface GoingOnParts {
  /** The destination's. */
  name: string;
  identity: JournalIdentity;
  place: Place;
  /** Everything up to this entry counts as published where nothing is known. */
  fallback: number;
}

/** Everything up to `index` is published; `why`: what is to be said of that, null: nothing. */
export interface GoingOn {
  index: number;
  why: string | null;
}

export function goingOn(
  disk: Pick<ReadOnlyDisk, "list" | "read">,
  { name, identity: { id: journalId, firstIndex }, place, fallback }: GoingOnParts,
): GoingOn {
  const file = progressName(name);
  if (!disk.list().some((there) => there.name === file)) return { index: fallback, why: null };
  const [, id, number, there] = /^(\S+) (\d+)(?: (\S+))?$/.exec(new TextDecoder().decode(disk.read(file))) ?? [];
  // Whatever was published comes again rather than that something does not come.
  if (number === undefined) return { index: 0, why: `${file} cannot be read` };
  const index = Number(number);
  // One that began anew goes on with the numbers of the one before.
  if (id !== journalId && !(firstIndex > 1 && index >= firstIndex - 1)) return { index: fallback, why: null };
  if (there !== undefined && !isSame(place, there)) return { index: fallback, why: `it was ${there} before` };
  return { index, why: null };
}

export function progressText({ journalId, index, place }: { journalId: string; index: number; place: Place }): string {
  return `${journalId} ${index} ${textOf(place)}`;
}

/** Of destinations that are not set any more nothing is known: they may lack what comes meanwhile. */
export function forgetOthers(folder: string, names: readonly string[]): void {
  const known = names.map(progressName);
  for (const { name } of FolderDisk.list(folder)) {
    if (name.endsWith(SUFFIX) && !known.includes(name)) Deno.removeSync(join(folder, name));
  }
}

function textOf({ prefix, addresses }: Place): string {
  return [prefix, ...addresses].join(",");
}

function isSame({ prefix, addresses }: Place, text: string): boolean {
  const [known, ...there] = text.split(",");
  return prefix === known && addresses.some((address) => there.includes(address));
}
