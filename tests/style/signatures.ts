// Functions by their parameters, as far as that can be seen without a compiler.
import type { Source } from "./imports.ts";

const DECLARATION =
  /^[ \t]*(?:export )?(?:private |static |async |override |get |set )*(?:function\*? )?(\*?#?[A-Za-z_]\w*)(?:<[^()]*?>)?\(/gm;
const KEYWORDS = /^(if|for|while|switch|catch|return|super|await)$/;
const PRIMITIVE = /:\s*(number|string|bigint|boolean|\w*(Reason|Level))(\s*=|\s*\||$)|=\s*(\d|"|true|false|-?Infinity)/;

/** Functions that take more than two positional arguments and then one object of options: `path: name`. */
export function longSignatures({ path, text }: Source): string[] {
  const found: string[] = [];
  for (const match of text.matchAll(DECLARATION)) {
    const name = match[1]!;
    const start = match.index + match[0].length;
    const end = closing(text, start);
    const inner = text.slice(start, end);
    // A call looks alike: it has no types, and no body or result behind it.
    if (KEYWORDS.test(name) || !inner.includes(":") || !/^\s*[:{]/.test(text.slice(end + 1))) continue;
    const parameters = split(inner);
    const third = parameters[2]?.replace(/\{[\s\S]*\}/, "{}") ?? "";
    if (parameters.length > 3 || (parameters.length === 3 && PRIMITIVE.test(third))) found.push(`${path}: ${name}`);
  }
  return found;
}

function closing(text: string, start: number): number {
  let at = start;
  for (let depth = 1; depth > 0 && at < text.length; at++) depth += text[at] === "(" ? 1 : text[at] === ")" ? -1 : 0;
  return at - 1;
}

function split(inner: string): string[] {
  const parameters: string[] = [];
  let [depth, current, before] = [0, "", ""];
  for (const character of inner) {
    if ("([{<".includes(character)) depth++;
    else if (")]}".includes(character) || (character === ">" && before !== "=")) depth--;
    if (character === "," && depth === 0) {
      parameters.push(current.trim());
      current = "";
    } else current += character;
    before = character;
  }
  if (current.trim() !== "") parameters.push(current.trim());
  return parameters;
}
