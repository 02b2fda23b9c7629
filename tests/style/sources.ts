// The sources, as the tests of their style look at them.
import type { Source } from "./imports.ts";

export const ROOT = new URL("../../", import.meta.url);

const SKIPPED =
  /(^|\/)node_modules(\/|$)|^(data|coverage|\.git|proto\/gen|clients\/typescript\/dist|flink\/target)(\/|$)/;

/** All files of a folder that people write, by default of the repository. */
export async function sources(directory = ""): Promise<Source[]> {
  const found: Source[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(directory || ".", ROOT))) {
    const path = directory + name;
    if (SKIPPED.test(path)) continue;
    if (isDirectory) found.push(...await sources(`${path}/`));
    else if (/\.(ts|js|proto|html|css)$/.test(name)) {
      const text = await Deno.readTextFile(new URL(path, ROOT));
      found.push({ path, text, lines: text.split("\n") });
    }
  }
  return found;
}
