// deno task openapi: writes the OpenAPI documents of edge and aggregator, from the schemas by which they read requests.
import { flag, optionsOf } from "../../platform/options.ts";
import { documents } from "./documents.ts";

const { check } = optionsOf({
  name: "deno task openapi",
  about: "Writes the OpenAPI documents of edge and aggregator, from the schemas by which they read requests.",
  options: { check: flag("compares with what is committed instead of writing") },
});

const root = new URL("../../", import.meta.url);
const stale: string[] = [];
for (const [path, text] of documents()) {
  const file = new URL(path, root);
  if (!check) await Deno.writeTextFile(file, text);
  else if (await Deno.readTextFile(file) !== text) stale.push(path);
}
if (stale.length > 0) {
  console.error(`Cannot accept ${stale.join(", ")}: the operations say something else; run deno task openapi`);
  Deno.exit(1);
}
