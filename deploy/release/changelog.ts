// The changelog's section of a version: it is there, says when, and says something.

const SECTION = /^## \[?v?([\w.-]+)\]?(?: \((.+)\))?$/;

/** The version of the section behind that of a version; null: it is the first. */
export function versionBefore(text: string, version: string): string | null {
  const versions = text.split("\n").flatMap((line) => SECTION.exec(line)?.[1] ?? []);
  return versions[versions.indexOf(version) + 1] ?? null;
}

/** @param isFinal the version is being released: the section has its day */
export function changelogProblems(text: string, { version, isFinal }: { version: string; isFinal: boolean }): string[] {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => SECTION.exec(line)?.[1] === version);
  if (at < 0) return [`CHANGELOG.md has no section ## ${version}`];
  const next = lines.findIndex((line, i) => i > at && line.startsWith("## "));
  const entries = lines.slice(at + 1, next < 0 ? undefined : next).filter((line) => line.startsWith("- "));
  const day = SECTION.exec(lines[at]!)?.[2];
  return [
    ...entries.length === 0 ? [`CHANGELOG.md says nothing of ${version}`] : [],
    ...isFinal && !/^\d{4}-\d{2}-\d{2}$/.test(day ?? "")
      ? [`CHANGELOG.md does not say on which day ${version} came`]
      : [],
  ];
}
