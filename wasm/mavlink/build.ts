// Builds the crate with wasm-pack: the same bytes from every folder, on every machine with these tools.
import binaryen from "binaryen";

const CRATE = new URL("./", import.meta.url);
const SOURCES_HASH = new URL("./pkg/sources.sha256", import.meta.url);
/** What is built, and committed. */
export const MAVLINK_BINARY = new URL("./pkg/mavlink_bg.wasm", import.meta.url);

/** Each says so in its `--version`: other ones make other bytes. */
const TOOLS = { rustc: "rustc 1.95.0", "wasm-pack": "wasm-pack 0.15.1", "wasm-bindgen": "wasm-bindgen 0.2.130" };
const TARGET = "wasm32-unknown-unknown";
/** Bytes, of multiples of 64 KiB. All memory is there from the first; more is never had. */
const MEMORY_BYTES = 96 << 16;
const STACK_BYTES = 1 << 16;
const WASM_PACK = ["build", "--release", "--target", "web", "--mode", "no-install", "--no-pack", "--no-typescript"];
const LINK = [`--initial-memory=${MEMORY_BYTES}`, `--max-memory=${MEMORY_BYTES}`, "-zstack-size=" + STACK_BYTES];

/** Why the crate cannot be built here; null: it can. */
export async function missingTool(): Promise<string | null> {
  for (const [tool, wanted] of Object.entries(TOOLS)) {
    const found = await output(tool, ["--version"]);
    if (!found?.startsWith(wanted)) return `no ${wanted} here (${found?.trim() ?? "none at all"})`;
  }
  const sysroot = (await output("rustc", ["--print", "sysroot"]))!.trim();
  return await exists(`${sysroot}/lib/rustlib/${TARGET}/lib`) ? null : `no target ${TARGET} here`;
}

/** @throws {Error} with what the tools said */
export async function buildMavlink(): Promise<Uint8Array<ArrayBuffer>> {
  const into = await Deno.makeTempDir();
  try {
    const [crate, cargo, target] = [folder(CRATE), cargoHome(), targetFolder()];
    const sources = [];
    for await (const { name } of Deno.readDir(`${cargo}/registry/src`)) sources.push(`${cargo}/registry/src/${name}`);
    const names = [...sources.map((path) => [path, "crates"]), [target, "target"], [crate, "slipstream"]];
    const flags = [
      ...names.map(([path, name]) => `--remap-path-prefix=${path}=${name}`),
      ...LINK.map((option) => `-Clink-arg=${option}`),
    ];
    await run("wasm-pack", {
      args: [...WASM_PACK, "--out-dir", into, "--out-name", "mavlink", "."],
      cwd: crate,
      env: { RUSTFLAGS: flags.join(" "), CARGO_TARGET_DIR: target, CARGO_HOME: cargo },
    });
    // The glue beside it is not taken: numbers cross by themselves, and an instance that traps is replaced, while the glue
    // has one for ever.
    return optimise(await Deno.readFile(`${into}/mavlink_bg.wasm`));
  } finally {
    await Deno.remove(into, { recursive: true });
  }
}

/** As `wasm-opt -Oz`, without what only the glue would call: it is all that the module imports anything for. */
function optimise(binary: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const module = binaryen.readBinary(binary);
  const { MutableGlobals, SignExt, NontrappingFPToInt, BulkMemory, BulkMemoryOpt, Multivalue, ReferenceTypes } =
    binaryen.Features;
  module.setFeatures(
    MutableGlobals | SignExt | NontrappingFPToInt | BulkMemory | BulkMemoryOpt | Multivalue | ReferenceTypes,
  );
  for (const { name } of WebAssembly.Module.exports(new WebAssembly.Module(binary))) {
    if (name.startsWith("__")) module.removeExport(name);
  }
  binaryen.setOptimizeLevel(2);
  binaryen.setShrinkLevel(2);
  module.optimize();
  const optimised = new Uint8Array(module.emitBinary());
  module.dispose();
  return optimised;
}

/** Of all that the bytes follow from, in hexadecimal. */
export async function hashSources(): Promise<string> {
  const files = ["Cargo.toml", "Cargo.lock"];
  for await (const { name } of Deno.readDir(new URL("./src/", CRATE))) files.push(`src/${name}`);
  const texts = [JSON.stringify([TOOLS, WASM_PACK, LINK])];
  for (const file of files.sort()) texts.push(file, await Deno.readTextFile(new URL(file, CRATE)));
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(texts.join("\0")));
  return new Uint8Array(hash).toHex();
}

/** What the committed bytes were built from. */
export async function committedHash(): Promise<string> {
  return (await Deno.readTextFile(SOURCES_HASH)).trim();
}

export async function commitMavlink(binary: Uint8Array): Promise<void> {
  await Deno.mkdir(new URL("./pkg/", CRATE), { recursive: true });
  await Deno.writeFile(MAVLINK_BINARY, binary);
  await Deno.writeTextFile(SOURCES_HASH, `${await hashSources()}\n`);
}

function folder(url: URL): string {
  return decodeURIComponent(url.pathname).replace(/\/$/, "");
}

function cargoHome(): string {
  return Deno.env.get("CARGO_HOME") ?? `${Deno.env.get("HOME")}/.cargo`;
}

/** Outside of the sources: nobody who looks at those looks at what is built of them. */
function targetFolder(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`;
  return Deno.env.get("CARGO_TARGET_DIR") ?? `${cache}/slipstream/mavlink-target`;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** What a tool prints, in the crate's folder, where rust-toolchain.toml is; null: it is not there, or failed. */
async function output(tool: string, args: string[]): Promise<string | null> {
  try {
    const { success, stdout } = await new Deno.Command(tool, { args, cwd: CRATE, stderr: "null" }).output();
    return success ? new TextDecoder().decode(stdout) : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function run(tool: string, options: Deno.CommandOptions): Promise<void> {
  const { success, stderr } = await new Deno.Command(tool, { ...options, stdout: "null", stderr: "piped" }).output();
  if (!success) throw new Error(`Cannot build mavlink_bg.wasm: ${tool} says ${new TextDecoder().decode(stderr)}`);
}
