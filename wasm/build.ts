// Compiles assembly/ to hot_path.wasm, and mavlink/ to its package.
import { flag, optionsOf } from "../platform/options.ts";
import asc from "assemblyscript/asc";
import {
  buildMavlink,
  commitMavlink,
  committedHash,
  hashSources,
  MAVLINK_BINARY,
  missingTool,
} from "./mavlink/build.ts";

const SOURCES = new URL("./assembly/", import.meta.url);
const BINARY = new URL("./hot_path.wasm", import.meta.url);

/** The memory is planned in layout.ts; asc reserves exactly that. */
async function memoryPages(): Promise<string> {
  const layout = await Deno.readTextFile(new URL("layout.ts", SOURCES));
  const pages = /MEMORY_PAGES: u32 = (\d+);/.exec(layout)?.[1];
  if (!pages) throw new Error("Cannot build hot_path.wasm: layout.ts does not say MEMORY_PAGES");
  return pages;
}

/** @param edit what is to be compiled instead of a source file's text */
export async function compile(
  edit: (file: string, text: string) => string = (_, text) => text,
): Promise<Uint8Array<ArrayBuffer>> {
  const pages = await memoryPages();
  let binary: Uint8Array<ArrayBuffer> | null = null;
  const { error, stderr } = await asc.main([
    "index.ts",
    ...["--outFile", "hot_path.wasm"],
    ...["--runtime", "stub", "-O3", "--converge"],
    // Addresses have 32 bits, so indices of 32 bits need no cast.
    ...["--disableWarning", "201"],
    // Asserts stay on; without `abort` they trap, and the module has no imports.
    ...["--use", "abort="],
    // It outlives the instance: one that has trapped is replaced, over the same memory.
    "--importMemory",
    ...["--initialMemory", pages, "--maximumMemory", pages],
  ], {
    readFile: (name) => {
      const text = readSource(name);
      return text === null ? null : edit(name, text);
    },
    writeFile: (_name, contents) => {
      binary = typeof contents === "string" ? new TextEncoder().encode(contents) : new Uint8Array(contents);
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`Cannot build hot_path.wasm: ${stderr.toString()}`, { cause: error });
  return binary;
}

function readSource(name: string): string | null {
  try {
    return Deno.readTextFileSync(new URL(name, SOURCES));
  } catch (error) {
    // asc asks for index files and library files that need not be there.
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** The committed file, against what it is built of. */
async function checkHotPath(): Promise<void> {
  const built = await compile();
  if (!isSame(built, await Deno.readFile(BINARY))) {
    throw new Error("Cannot accept hot_path.wasm: it differs from what wasm/assembly/ compiles to; run build:wasm");
  }
  console.log(`hot_path.wasm is what wasm/assembly/ compiles to: ${built.length} bytes`);
}

/** Where the crate cannot be built, what it was built of must at least be what is here. */
async function checkMavlink(): Promise<void> {
  if (await committedHash() !== await hashSources()) {
    throw new Error("Cannot accept mavlink_bg.wasm: wasm/mavlink/ has changed since it was built; run build:wasm");
  }
  const missing = await missingTool();
  if (missing !== null) {
    console.log(`mavlink_bg.wasm was built of these sources, as their hash says; not built again: ${missing}`);
    return;
  }
  const built = await buildMavlink();
  if (!isSame(built, await Deno.readFile(MAVLINK_BINARY))) {
    throw new Error("Cannot accept mavlink_bg.wasm: it differs from what wasm/mavlink/ compiles to; run build:wasm");
  }
  console.log(`mavlink_bg.wasm is what wasm/mavlink/ compiles to: ${built.length} bytes`);
}

async function write(): Promise<void> {
  const built = await compile();
  await Deno.writeFile(BINARY, built);
  console.log(`hot_path.wasm: ${built.length} bytes`);
  const missing = await missingTool();
  if (missing !== null) {
    // Who has not touched the crate needs none of its tools.
    if (await committedHash() === await hashSources()) return console.log(`mavlink_bg.wasm is left: ${missing}`);
    throw new Error(`Cannot build mavlink_bg.wasm: ${missing}; CONTRIBUTING.md says how to get it`);
  }
  const mavlink = await buildMavlink();
  await commitMavlink(mavlink);
  console.log(`mavlink_bg.wasm: ${mavlink.length} bytes`);
}

if (import.meta.main) {
  const { check } = optionsOf({
    name: "deno task build:wasm",
    about: "Compiles wasm/assembly/ to wasm/hot_path.wasm, and wasm/mavlink/ to wasm/mavlink/pkg/.",
    options: { check: flag("compiles, and compares with the committed files, byte by byte, instead of writing") },
  });
  try {
    if (check) {
      await checkHotPath();
      await checkMavlink();
    } else await write();
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(1);
  }
}
