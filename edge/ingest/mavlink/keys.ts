// The keys by which vehicles sign what they send: a file that only its owner can read.
import { SYSTEM_MAX } from "../../settings/mavlink.ts";

/** 32 bytes each. */
export interface MavlinkKeys {
  readonly bySystem: ReadonlyMap<number, Uint8Array>;
  readonly byDrone: ReadonlyMap<string, Uint8Array>;
}

const NO_KEYS: MavlinkKeys = { bySystem: new Map(), byDrone: new Map() };

/** Lines such as `7 KEY` or `drone-7 KEY`, a key being 64 hexadecimal digits; a number up to 250 is a system id. */
const LINE = /^(\S.*?)\s+([0-9a-f]{64})$/i;
const OTHERS = 0o077;

/**
 * @param path null where nobody has any
 * @throws {Error} when the file cannot be read, can be read by others, or has a line that is no key
 */
export async function readKeys(path: string | null): Promise<MavlinkKeys> {
  if (path === null) return NO_KEYS;
  try {
    return keysOf(await readOwn(path));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause;
    throw new Error(`Cannot use the keys in ${path}: ${why}; see SLIPSTREAM_MAVLINK_KEYS`, { cause });
  }
}

async function readOwn(path: string): Promise<string> {
  const text = await Deno.readTextFile(path);
  const { mode } = await Deno.stat(path);
  if (mode === null || (mode & OTHERS) === 0) return text;
  throw new Error("others than its owner may read it; set its mode to 600");
}

function keysOf(text: string): MavlinkKeys {
  const [bySystem, byDrone] = [new Map<number, Uint8Array>(), new Map<string, Uint8Array>()];
  text.split("\n").map((line) => line.trim()).forEach((line, i) => {
    if (line === "" || line.startsWith("#")) return;
    const [, who = "", digits = ""] = LINE.exec(line) ?? [];
    if (who === "") throw new Error(`line ${i + 1} is no id with 64 hex digits behind it`);
    const system = /^\d+$/.test(who) ? Number(who) : 0;
    const isSystem = system >= 1 && system <= SYSTEM_MAX;
    if (isSystem ? bySystem.has(system) : byDrone.has(who)) throw new Error(`line ${i + 1} has a second key of ${who}`);
    const key = Uint8Array.fromHex(digits);
    if (isSystem) bySystem.set(system, key);
    else byDrone.set(who, key);
  });
  return { bySystem, byDrone };
}
