// Changes of texts: words and numbers replaced, lines moved, characters that nobody expects.
import type { Random } from "../../sim/random.ts";
import { changedBytes, pick } from "./bytes.ts";

const NUMBERS = [
  "0",
  "-1",
  "1e309",
  "-0",
  "NaN",
  "0x10",
  "9007199254740993",
  "18446744073709551616",
  "1.5",
  "1e-7",
  " 7 ",
];
const ODD = [
  "",
  " ",
  "\0",
  "\n",
  "\r\n",
  "\t",
  '"',
  "'",
  "%",
  "%00",
  "%zz",
  "..",
  "/",
  "\\",
  "é",
  "\u{1f681}",
  "\ufeff",
  "\u202e",
  "{",
  "}",
  "[[",
  "]",
  ",",
  "=",
  "&",
  "?",
  "#",
  "__proto__",
  "constructor",
  "null",
  "true",
];

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** Changed somewhere; `words`: what else it may be made of. */
export function changedText(
  bytes: Uint8Array,
  random: Random,
  { other, words }: { other: Uint8Array; words: readonly string[] },
): Uint8Array {
  if (bytes.length === 0 || random.chance(0.15)) return changedBytes(bytes, random, other);
  const text = decoder.decode(bytes);
  if (random.chance(0.2)) return encoder.encode(changedLines(text, random));
  const tokens = text.split(/(\w+|\s+)/).filter((token) => token !== "");
  const at = random.whole(0, tokens.length - 1);
  const isNumber = /^\d+$/.test(tokens[at]!);
  const from = random.chance(0.5) ? isNumber ? NUMBERS : words.length > 0 ? words : ODD : ODD;
  const added = pick(random, from);
  tokens.splice(at, random.whole(0, 1), random.chance(0.03) ? added.repeat(random.whole(2, 5000)) : added);
  return encoder.encode(tokens.join(""));
}

function changedLines(text: string, random: Random): string {
  const lines = text.split("\n");
  const [from, to] = [random.whole(0, lines.length - 1), random.whole(0, lines.length - 1)];
  const line = lines[from]!;
  if (random.chance(0.5)) lines.splice(from, 1);
  lines.splice(to, 0, ...Array<string>(random.chance(0.05) ? 200 : 1).fill(line));
  return lines.join("\n");
}
