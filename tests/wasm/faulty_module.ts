// The hot path compiled with faults: it can be told to trap at the n-th store from now on, wherever that is, and each time
// that a lane is sealed. As the committed module in all else.
import { compile } from "../../wasm/build.ts";
import type { HotPath } from "../../wasm/hot_path.ts";

/** In the page that belongs to the compiler: stores until the trap, 0: none; and whether sealing traps. */
const COUNTDOWN = 65_520;
const SEALING = 65_524;

const FAULT = `
export function step(): void {
  const left = load<u32>(${COUNTDOWN});
  if (left == 0) return;
  store<u32>(${COUNTDOWN}, left - 1);
  if (left == 1) unreachable();
}
`;

let compiled: Promise<WebAssembly.Module> | undefined;

export function faultyModule(): Promise<WebAssembly.Module> {
  return compiled ??= compile(planted).then((bytes) => WebAssembly.compile(bytes));
}

function planted(file: string, text: string): string {
  // A store is always a statement; a comma keeps it one.
  const stepped = text.replaceAll(/(?<=^|[\s)])(store<\w+>|memory\.(?:fill|copy))\(/gm, "step(), $1(");
  const sealing = stepped.replace(
    "let at = OUTPUT;",
    `let at = OUTPUT; if (load<u32>(${SEALING}) != 0) unreachable();`,
  );
  if (file === "table.ts") return `${sealing}${FAULT}`;
  return sealing === text ? text : `import { step } from "./table";\n${sealing}`;
}

function words(hotPath: HotPath): Uint32Array {
  return new Uint32Array(hotPath.settledDuplicates().buffer);
}

/** The n-th store from now on traps; 0: none. */
export function trapAfter(hotPath: HotPath, stores: number): void {
  words(hotPath)[COUNTDOWN / 4] = stores;
}

/** No lane can be sealed, or each can. */
export function trapWhenSealing(hotPath: HotPath, traps: boolean): void {
  words(hotPath)[SEALING / 4] = Number(traps);
}
