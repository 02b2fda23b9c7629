// Whether all that an upload imports is in it, at its start or later.
import { z } from "zod";
import { run } from "./run.ts";
import { type Site, warming } from "./site.ts";
import type { Problem } from "./problem.ts";

/** Of `deno info --json`. */
const Graph = z.object({
  modules: z.array(z.object({
    specifier: z.string(),
    error: z.string().optional(),
    dependencies: z.array(z.object({
      specifier: z.string(),
      code: z.object({ specifier: z.string().optional() }).optional(),
    })).optional(),
  })),
});

/**
 * An import of a file that is not there, wherever it stands: those by `import()` are looked at as well. By this Deno: what a file
 * imports is the same for each, and older ones ask for the packages of types as well.
 */
export async function missingImports(site: Site): Promise<Problem[]> {
  const { block: { runtime: { entrypoint } }, folder } = site.upload;
  const args = ["info", "--json", entrypoint];
  const told = await run(Deno.execPath(), { args, cwd: folder, env: warming(site).env });
  if (told.code !== 0) throw new Error(`Cannot read the module graph of ${entrypoint}: ${told.stderr}`);
  const { modules } = Graph.parse(JSON.parse(told.stdout));
  const missing = new Set(modules.filter(({ error }) => error !== undefined).map(({ specifier }) => specifier));
  return modules.flatMap(({ specifier, dependencies = [] }) =>
    dependencies.filter(({ code }) => code?.specifier !== undefined && missing.has(code.specifier)).map((of) => ({
      name: "import-not-uploaded" as const,
      text: `${within(specifier, folder)} imports ${of.specifier}, which is not uploaded`,
    }))
  );
}

function within(specifier: string, folder: string): string {
  return specifier.replace(`file://${folder}/`, "");
}
