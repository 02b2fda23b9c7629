// The release before this one: upgrades are tried from it, so it must be the one that runs where this version will.
import { versionBefore } from "./changelog.ts";
import type { Folder } from "./folder.ts";

export const LAST_RELEASE = "tests/upgrade/last_release.txt";

export async function lastReleaseProblems(folder: Folder, version: string): Promise<string[]> {
  const commit = folder.read(LAST_RELEASE).trim();
  const released = await folder.versionAt(commit);
  if (released === null) return [`${LAST_RELEASE} names ${commit}, which is no commit that led here`];
  // Before the first release there are only earlier commits of it.
  const before = versionBefore(folder.read("CHANGELOG.md"), version) ?? version;
  return released === before ? [] : [`${LAST_RELEASE} names a commit of ${released}, and not of ${before}`];
}
