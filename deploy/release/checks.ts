// What must hold before a version is released. Each check has a name, and says what is wrong.
import { changelogProblems } from "./changelog.ts";
import { type Folder, PROCESSES } from "./folder.ts";
import { licenceOnPage, licenceProblems, licencesPage, type Licensed, licensed } from "./licences.ts";
import { lastReleaseProblems } from "./last_release.ts";
import { closureOf, type Lock, type Package, parseLock } from "./lock.ts";
import { sbom, sbomProblems } from "./sbom.ts";

export interface Outcome {
  name: string;
  /** None: it holds. */
  problems: string[];
}

export interface ReleaseOptions {
  /** The version is being released now. */
  isFinal: boolean;
  /** The page of licences is written instead of compared. */
  writes: boolean;
  /** Takes the bill of materials, once it has passed. */
  onSbom: (text: string) => void;
}

export const LICENCES_PAGE = "docs/licences.md";
const SEMANTIC_VERSION = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

/** All of them, in order: what one has found out, those behind it need not say again. */
export async function releaseChecks(
  folder: Folder,
  { isFinal, writes, onSbom }: ReleaseOptions,
): Promise<Outcome[]> {
  const { version } = JSON.parse(folder.read("deno.json"));
  const outcomes: Outcome[] = [];
  const check = async (name: string, problems: () => string[] | Promise<string[]>) => {
    try {
      outcomes.push({ name, problems: await problems() });
    } catch (error) {
      outcomes.push({ name, problems: [error instanceof Error ? error.message : String(error)] });
    }
  };
  await check("version", () => versionProblems(folder, version));
  await check("changelog", () => changelogProblems(folder.read("CHANGELOG.md"), { version, isFinal }));
  await check("last release", () => lastReleaseProblems(folder, version));
  await check("lock file", () => lockProblems(folder));
  await check("licences", async () => {
    const list = await licencesOf(folder, { asks: writes });
    const page = licencesPage(list);
    if (writes) folder.write(LICENCES_PAGE, page);
    const isCurrent = folder.read(LICENCES_PAGE) === page;
    return [...licenceProblems(list), ...isCurrent ? [] : [`${LICENCES_PAGE} is not current: see --write`]];
  });
  await check("bill of materials", async () => {
    const lock = parseLock(folder.read("deno.lock"));
    const text = sbom({ version, packages: await licencesOf(folder), asked: new Set(lock.asked.values()) });
    const problems = await sbomProblems(text);
    if (problems.length === 0) onSbom(text);
    return problems;
  });
  return outcomes;
}

async function versionProblems(folder: Folder, version: unknown): Promise<string[]> {
  if (typeof version !== "string" || !SEMANTIC_VERSION.test(version)) {
    return [`deno.json has the version ${version}, which is none of semantic versioning`];
  }
  const told = await Promise.all(PROCESSES.map(async (part) => {
    const { out, err } = await folder.deno("run", "-A", "--quiet", `${part}/main.ts`, "--version");
    const said = out.trim() || err.trim();
    return said === `slipstream ${version}` ? [] : [`${part} --version says ${said}, and deno.json ${version}`];
  }));
  return told.flat();
}

async function lockProblems(folder: Folder): Promise<string[]> {
  const { code, err } = await folder.deno("cache", "--quiet", "--frozen", ...folder.modules());
  if (code !== 0) return [`deno.lock is not current: ${err.trim()}`];
  const lock = parseLock(folder.read("deno.lock"));
  const { imports }: { imports: Record<string, string> } = JSON.parse(folder.read("import_map.json"));
  const pins = new Set(Object.values(imports).map((pin) => pin.replace(/^npm:\//, "npm:").replace(/\/$/, "")));
  const inexact = [...pins].filter((pin) => pin.startsWith("npm:") && !/.@\d+\.\d+\.\d+(-[\w.]+)?$/.test(pin));
  const foreign = [...lock.asked.keys()].filter((specifier) => !pins.has(specifier));
  const needed = closureOf(lock, lock.asked.values());
  const unused = [...lock.packages.keys()].filter((id) => !needed.has(id));
  return [
    ...inexact.map((pin) => `import_map.json has ${pin}, which is no exact version`),
    ...foreign.map((specifier) => `deno.lock has ${specifier}, which import_map.json has not`),
    ...unused.map((id) => `deno.lock has ${id}, which nothing needs`),
  ];
}

/** @param asks the registry, of those that are not here; else the page says what it has said then */
async function licencesOf(folder: Folder, { asks = false } = {}): Promise<Licensed[]> {
  const lock: Lock = parseLock(folder.read("deno.lock"));
  const own = await folder.licences();
  const page = folder.read(LICENCES_PAGE);
  const known = new Map<string, string | null>();
  for (const one of lock.packages.values()) {
    known.set(one.id, own(one) ?? licenceOnPage(page, one) ?? (asks ? await folder.askForLicence(one) : null));
  }
  const licenceOf = ({ id }: Package) => known.get(id) ?? null;
  return licensed(lock, { shipped: await folder.shipped(lock), licenceOf });
}
