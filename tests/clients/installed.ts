// The packages as their users have them: built from this folder, and installed where nothing else of it is.
export const ROOT = new URL("../../", import.meta.url);

const CACHE = `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/slipstream`;
/** Python with what the package needs, as `tests/with/python_client.sh` installs it; tests that need it are ignored without. */
export const PYTHON = `${Deno.env.get("PYTHON_CLIENT_PATH") ?? `${CACHE}/python-client`}/bin/python`;
export const hasPython = await succeeds(PYTHON, "-c", "import websockets, google.protobuf, pytest, mypy, hatchling");

const QUIET = ["--prefer-offline", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
const PACK = `mkdir -p repository/clients user
cp -r "$0/proto" repository/ && cp -r "$0/clients/typescript" repository/clients/
cd repository/clients/typescript && rm -rf node_modules dist
npm install ${QUIET.join(" ")} && npm pack --loglevel=error --pack-destination ../../../user
cd ../../../user && cp "$0/tests/clients/flyers/typed.mts" . && echo '{ "type": "module" }' >package.json && npm install ${
  QUIET.join(" ")
} ./slipstream-client-*.tgz`;

/** A folder in which programs find `slipstream-client`, as `npm pack` makes it, with types that TypeScript understands. */
export async function installedForNode(): Promise<string> {
  const sources = [
    "clients/typescript/src",
    "clients/typescript",
    "proto/gen/slipstream/v1",
    "proto",
    "tests/clients/flyers",
  ];
  const folder = `${CACHE}/node-client-${await digestOf(sources)}`;
  if (await succeeds("test", "-e", folder)) return folder;
  const scratch = await Deno.makeTempDir({ prefix: "slipstream-npm-" });
  try {
    await outputOf("sh", ["-ec", PACK, ROOT.pathname], { cwd: scratch });
    await Deno.mkdir(CACHE, { recursive: true });
    // Of two that were made at the same time one stays.
    await outputOf("sh", [
      "-c",
      '[ -e "$1" ] || cp -r "$0" "$1.$$" && { [ -e "$1" ] || mv "$1.$$" "$1"; }',
      `${scratch}/user`,
      folder,
    ]);
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
  return folder;
}

/** A folder for PYTHONPATH, in this one, in which programs find `slipstream` as pip installs it. */
export async function installedForPython(folder: string): Promise<string> {
  const target = `${folder}/site-packages`;
  const options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"];
  await outputOf(PYTHON, ["-m", "pip", "install", ...options, "--target", target, "./clients/python"], { cwd: ROOT });
  return target;
}

/** @returns what it printed. @throws {Error} with that when it fails */
export async function outputOf(
  command: string,
  args: string[],
  options: Pick<Deno.CommandOptions, "cwd" | "env"> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { ...options, args, stdin: "null" }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (!success) throw new Error(`Cannot go on: ${command} ${args.join(" ")} failed\n${text}`);
  return text;
}

async function succeeds(command: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Of all files in these folders, without those in folders of theirs. */
async function digestOf(folders: string[]): Promise<string> {
  let text = "";
  for (const folder of folders) {
    const names = [...Deno.readDirSync(new URL(folder, ROOT))].filter(({ isFile }) => isFile).map(({ name }) => name);
    for (const name of names.sort()) text += await Deno.readTextFile(new URL(`${folder}/${name}`, ROOT));
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toHex().slice(0, 16);
}
