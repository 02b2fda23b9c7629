// Lints the contract, guards it against breaking changes, and generates TypeScript from it into proto/gen/.
import { flag, optionsOf } from "../platform/options.ts";
import importMap from "../import_map.json" with { type: "json" };

const root = new URL("./", import.meta.url);
const { check, accept } = optionsOf({
  name: "deno task gen",
  about: "Lints the contract, compares it with the one that was accepted, and generates TypeScript from it.",
  options: {
    check: flag("compares with what is committed instead of writing"),
    accept: flag("makes this contract the one that later changes are compared with (proto/image.binpb)"),
  },
});

async function buf(...args: string[]): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", importMap.imports["@bufbuild/buf"], ...args],
    cwd: root,
  });
  const { code } = await command.spawn().status;
  if (code !== 0) {
    console.error(`Cannot run buf ${args[0]}: exit code ${code}`);
    Deno.exit(1);
  }
}

async function generated(directory: URL): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const entry of Deno.readDir(directory)) {
    files.set(entry.name, await Deno.readTextFile(new URL(entry.name, directory)));
  }
  return files;
}

await buf("lint");
if (accept) await buf("build", "-o", "image.binpb");
else await buf("breaking", "--against", "image.binpb");

const out = check ? await Deno.makeTempDir() : new URL("gen", root).pathname;
const plugin = [Deno.execPath(), "run", "--quiet", "-A", importMap.imports["@bufbuild/protoc-gen-es"]];
const template = {
  version: "v2",
  clean: !check,
  plugins: [{ local: plugin, out, opt: ["target=ts", "import_extension=ts"] }],
};
await buf("generate", "--template", JSON.stringify(template));

if (check) {
  const fresh = await generated(new URL(`file://${out}/slipstream/v1/`));
  const committed = await generated(new URL("gen/slipstream/v1/", root));
  await Deno.remove(out, { recursive: true });
  const stale = [...new Set([...fresh.keys(), ...committed.keys()])].filter((k) => fresh.get(k) !== committed.get(k));
  if (stale.length > 0) {
    console.error(
      `Cannot accept proto/gen/: ${stale.join(", ")} differ from what proto/*.proto generates; run deno task gen`,
    );
    Deno.exit(1);
  }
}
