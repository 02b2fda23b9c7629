// Names that stand for ids where people read who need not know them: a keyed hash. One key gives an id one name; without the
// key nobody finds the id by trying ids.
import { lateNode } from "./late_node.ts";

/** The name of an id, such as `drone:3f9a2c1b7d`. */
export type Pseudonym = (id: string) => string;

const KEY_BYTES = 32;
/** As text; a shorter key could be tried out. */
const KEY_CHARACTERS_MIN = 32;
/** 40 bits: of a million ids two share a name about once. */
const DIGITS = 10;

/** HMAC-SHA-256 of an id, shortened; `kind` stands in front. */
export function pseudonyms(key: string, kind: string): Pseudonym {
  return (id) => {
    const { createHmac } = lateNode("node:crypto");
    return `${kind}:${createHmac("sha256", key).update(id).digest("hex").slice(0, DIGITS)}`;
  };
}

/** A key that nobody else has. */
export function randomKey(): string {
  return crypto.getRandomValues(new Uint8Array(KEY_BYTES)).toHex();
}

/** @throws {Error} when the file cannot be read, or holds no key */
export function readKey(path: string): string {
  const key = Deno.readTextFileSync(path).trim();
  if (key.length >= KEY_CHARACTERS_MIN) return key;
  throw new Error(`Cannot use the key in ${path}: it has fewer than ${KEY_CHARACTERS_MIN} characters`);
}

/** The key in a file that only its owner can read, made if it is not there; its folder must exist. @throws as `readKey` */
export function keptKey(path: string): string {
  try {
    Deno.writeTextFileSync(path, `${randomKey()}\n`, { createNew: true, mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  return readKey(path);
}
