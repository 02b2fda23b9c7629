// deno task deploy:check [--json] [--edge-deno FILE]: exactly what `deno deploy` would upload, run as Deno Deploy would run it,
// with the Deno that the platform has and with this one; a fleet at two isolates, one of which is evicted. Prints a table; exits
// with 1 if anything is wrong with the upload.
import { join } from "node:path";
import { text, whole } from "../../platform/kinds.ts";
import { flag, optionsOf } from "../../platform/options.ts";
import { check, type Checked } from "./check.ts";
import { Hub } from "./hub.ts";
import { run } from "./run.ts";
import { prepare } from "./site.ts";
import { tableOf } from "./table.ts";
import { assemble, type Upload } from "./upload.ts";

/** What the platform's documentation says that it runs. */
const PLATFORM_DENO = "2.5.0";
const ROOT = new URL("../../", import.meta.url).pathname;

const options = optionsOf({
  name: "deno task deploy:check",
  about: "What deno deploy would upload, run as Deno Deploy would run it. Exits with 1 if anything is wrong with it.",
  options: {
    "edge-deno": text({
      ...{ fallback: null, placeholder: "FILE", shown: "npx finds it" },
      about: `the binary of Deno ${PLATFORM_DENO}, which the platform has`,
    }),
    drones: whole({ fallback: 24, about: "that fly meanwhile" }),
    connections: whole({ fallback: 5000, about: "with which memory is looked at" }),
    starts: whole({ fallback: 5, about: "of which the median is told" }),
    json: flag("one object at the end, nothing else"),
  },
});

const folder = await Deno.makeTempDir({ prefix: "slipstream-deploy-" });
try {
  const upload = await assemble(ROOT, join(folder, "upload"));
  const checked: Checked[] = [];
  for (const deno of [options["edge-deno"] ?? await platformDeno(), Deno.execPath()]) {
    checked.push(await checkWith(deno, upload, join(folder, `${checked.length}`)));
  }
  const { files, bytes, gzipBytes } = upload;
  console.log(
    options.json
      ? JSON.stringify({ upload: { files: files.length, bytes, gzipBytes }, checked })
      : tableOf(upload, checked),
  );
  Deno.exitCode = checked.some(({ problems }) => problems.length > 0) ? 1 : 0;
} finally {
  await Deno.remove(folder, { recursive: true });
}

async function checkWith(deno: string, upload: Upload, own: string): Promise<Checked> {
  const site = await prepare(upload, { deno, folder: own });
  await using hub = await Hub.start(own);
  const { drones, connections, starts } = options;
  return await check(site, { hub, drones, connections, starts });
}

async function platformDeno(): Promise<string> {
  const args = ["--prefer-offline", "-y", `deno@${PLATFORM_DENO}`, "eval", "console.log(Deno.execPath())"];
  const { code, stdout, stderr } = await run("npx", { args });
  if (code !== 0) throw new Error(`Cannot find Deno ${PLATFORM_DENO}: ${stderr}`);
  return stdout.trim();
}
