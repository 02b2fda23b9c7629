// Under which licences others' packages come, whether they may, and the page that says so.
import satisfies from "spdx-satisfies";
import type { Lock, Package } from "./lock.ts";

/** Of what runs in edge, aggregator and console: whoever hands Slipstream on only has to name them. */
const ALLOWED = ["0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "Unlicense"];
/** Of what only builds and tests it, and is not handed on, also those that ask for changes to their own files, and of lists. */
const ALLOWED_IN_BUILDS = [...ALLOWED, "MPL-2.0", "CC0-1.0", "CC-BY-3.0"];

/** A package, and what is known of it. */
export interface Licensed extends Package {
  /** An SPDX expression; null: it says nothing. */
  licence: string | null;
  /** It is part of what runs. */
  isShipped: boolean;
}

const HEAD = `# Licences

For whoever hands Slipstream on: every package that \`deno.lock\` names, and under which licence it comes.

\`deno task release:check --write\` makes this page, and \`release:check\` fails when it is not current or a licence is not
allowed. What runs is part of edge, aggregator or console; the rest builds and tests them. Deno itself (MIT) is in the
image. The same list, for programs, is the bill of materials: \`release:check --sbom FILE\`.

## Packages
`;

/** Whether it is one of SPDX, such as MIT, or (MIT OR Apache-2.0). */
export function isExpression(text: string): boolean {
  try {
    satisfies(text, ALLOWED);
    return true;
  } catch {
    return false;
  }
}

/** By name and version. */
export function licensed(
  { packages }: Lock,
  { shipped, licenceOf }: { shipped: ReadonlySet<string>; licenceOf: (one: Package) => string | null },
): Licensed[] {
  const inOrder = [...packages.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return inOrder.map((one) => ({ ...one, licence: licenceOf(one), isShipped: shipped.has(one.id) }));
}

/** What is wrong with them: no licence, one that is no SPDX expression, or one that is not allowed. */
export function licenceProblems(list: Licensed[]): string[] {
  return list.flatMap(({ id, licence, isShipped }) => {
    if (licence === null) return [`${id} says nothing of its licence`];
    if (!isExpression(licence)) return [`${id} has the licence ${licence}, which is none of SPDX`];
    if (satisfies(licence, isShipped ? ALLOWED : ALLOWED_IN_BUILDS)) return [];
    const where = isShipped ? "runs" : "builds or tests";
    return [`${id} has the licence ${licence}, which is not allowed of what ${where}`];
  });
}

/** docs/licences.md. */
export function licencesPage(list: Licensed[]): string {
  const cells = [
    ["package", "version", "licence", "what it does"],
    ...list.map(({ name, version, licence, isShipped }) => {
      return [name, version, licence ?? "unknown", isShipped ? "runs" : "builds and tests"];
    }),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const [head, ...rows] = cells.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`);
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return `${HEAD}\n${[head, rule, ...rows].join("\n")}\n`;
}

/** What a page says of a package: of those that are for other machines no file is here. */
export function licenceOnPage(page: string, { name, version }: Pick<Package, "name" | "version">): string | null {
  const row = page.split("\n").map((line) => line.split("|").map((cell) => cell.trim()))
    .find(([, ofName, ofVersion]) => ofName === name && ofVersion === version);
  return row?.[3] === "unknown" ? null : row?.[3] ?? null;
}
