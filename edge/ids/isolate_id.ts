// The id of one of several edges that share one configuration, as on Deno Deploy: what the operator calls all of them, and
// what this one alone has, from its start to its end.
import { SHARED_ID_MARK } from "../../proto/words.ts";

/** Base32 without what can be mistaken: 40 bits tell a thousand isolates apart. */
const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
const DIGITS_COUNT = 8;

/** Such as `edge-1~7k2m9x0q`. */
export function isolateId(name: string, fillRandom: (bytes: Uint8Array<ArrayBuffer>) => void): string {
  const bytes = new Uint8Array(DIGITS_COUNT);
  fillRandom(bytes);
  return `${name}${SHARED_ID_MARK}${Array.from(bytes, (byte) => DIGITS[byte & 31]).join("")}`;
}
