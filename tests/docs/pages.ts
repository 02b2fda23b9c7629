// The pages that people read, as tests look at them: their text, links, code and tables.

export const ROOT = new URL("../../", import.meta.url);

export interface Page {
  /** From the root of the repository. */
  path: string;
  text: string;
}

/** A fenced block of code. */
export interface Snippet {
  page: string;
  language: string;
  code: string;
}

export function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}

/** README, CONTRIBUTING, CHANGELOG and all of docs/. */
export async function readPages(): Promise<Page[]> {
  const paths = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];
  for await (const { name } of Deno.readDir(new URL("docs/", ROOT))) {
    if (name.endsWith(".md")) paths.push(`docs/${name}`);
  }
  return await Promise.all(paths.sort().map(async (path) => ({ path, text: await read(path) })));
}

export function snippetsOf({ path, text }: Page): Snippet[] {
  const fences = text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm);
  return Array.from(fences, ([, language, code]) => ({ page: path, language: language!, code: code! }));
}

/** Targets of links and pictures that lead somewhere in the repository. */
export function linksOf({ text }: Page): string[] {
  const targets = Array.from(withoutFences(text).matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target!);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** The fragments by which headings of a page are reached. */
export function anchorsOf({ text }: Page): string[] {
  const headings = Array.from(withoutFences(text).matchAll(/^#+ (.+)$/gm), ([, heading]) => heading!);
  return headings.map((heading) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"));
}

/** The cells of each row of the table that follows a heading. */
export function tableUnder(heading: string, { path, text }: Page): string[][] {
  const at = text.indexOf(`\n${heading}\n`);
  const table = /(?:^\|.*\|\n)+/m.exec(at < 0 ? "" : text.slice(at))?.[0];
  if (!table) throw new Error(`Cannot find a table under ${heading} in ${path}`);
  const [, , ...rows] = table.trim().split("\n").map((line) =>
    line.split(/(?<!\\)\|/).slice(1, -1).map((c) => c.trim())
  );
  return rows;
}

function withoutFences(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, "");
}
