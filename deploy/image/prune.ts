// Leaves of import_map.json and deno.lock what this folder's modules load: an image has no compilers and no browsers. By itself,
// as the image is built: deno run --no-config --no-lock --import-map=import_map.json -A deploy/image/prune.ts
import { closureOf, parseLock } from "../release/lock.ts";

const IMPORTS = /(?:from|import)\s*\(?\s*"([^"./][^"]*)"/g;

function* modules(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* modules(path);
    else if (name.endsWith(".ts")) yield path;
  }
}

const { imports }: { imports: Record<string, string> } = JSON.parse(Deno.readTextFileSync("import_map.json"));
const loaded = new Set<string>();
for (const path of modules(".")) {
  // What checks releases is only here to build with.
  if (path.startsWith("./deploy/release/") || path.startsWith("./deploy/image/")) continue;
  for (const [, specifier = ""] of Deno.readTextFileSync(path).matchAll(IMPORTS)) loaded.add(specifier);
}
const isLoaded = (key: string) => [...loaded].some((one) => key.endsWith("/") ? one.startsWith(key) : one === key);
const kept = Object.fromEntries(Object.entries(imports).filter(([key]) => isLoaded(key)));

const text = Deno.readTextFileSync("deno.lock");
const [lock, whole] = [parseLock(text), JSON.parse(text)];
const pins = new Set(Object.values(kept).map((pin) => pin.replace(/^npm:\//, "npm:").replace(/\/$/, "")));
const asked = [...lock.asked].filter(([specifier]) => pins.has(specifier));
const needed = closureOf(lock, asked.map(([, id]) => id));
const only = (of: Record<string, unknown>, keep: (key: string) => boolean) =>
  Object.fromEntries(Object.entries(of).filter(([key]) => keep(key)));
Deno.writeTextFileSync("import_map.json", JSON.stringify({ imports: kept }, null, 2));
Deno.writeTextFileSync(
  "deno.lock",
  JSON.stringify({
    ...whole,
    specifiers: only(whole.specifiers, (specifier) => pins.has(specifier)),
    npm: only(whole.npm, (key) => needed.has(key.replace(/(?<=.@[^_]*)_.*/, ""))),
    workspace: { dependencies: [...pins].sort() },
  }),
);
