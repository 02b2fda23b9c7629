// Inputs that are kept, one for each outcome: small, run again by `deno task test`. A line of a file is an outcome and the
// input in base64; what comes of one may depend on those before it.
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { minimised } from "./minimise.ts";
import type { Target } from "./target.ts";

export interface Kept {
  outcome: string;
  input: Uint8Array;
}

const KEPT_MAX = 48;
const INPUT_BYTES_MAX = 1500;

function pathOf({ name }: Target): URL {
  return new URL(`corpus/${name}.txt`, import.meta.url);
}

/** Empty where there is none yet. */
export async function readCorpus(target: Target): Promise<Kept[]> {
  const text = await Deno.readTextFile(pathOf(target)).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  });
  return text.split("\n").filter(Boolean).map((line) => {
    const [outcome, base64] = line.split("\t");
    return { outcome: outcome!, input: decodeBase64(base64 ?? "") };
  });
}

/** What comes of these inputs, one after another. */
export async function replayed(target: Target, inputs: Iterable<Uint8Array>): Promise<Kept[]> {
  const session = await target.open({ comparesAll: true });
  try {
    const kept: Kept[] = [];
    for (const input of inputs) kept.push({ outcome: await session.run(input), input });
    return kept;
  } finally {
    session.close?.();
  }
}

/** Adds what had an outcome that is not kept yet, made as short as it can be. @returns how many are kept */
export async function learn(target: Target, found: Iterable<Uint8Array>): Promise<number> {
  const inputs = (await readCorpus(target)).map(({ input }) => input);
  const session = await target.open({ comparesAll: true });
  for (const input of found) {
    const outcome = await session.run(input);
    const short = await minimised(input, async (shorter) => await session.run(shorter) === outcome);
    if (short.length <= INPUT_BYTES_MAX) inputs.push(short);
  }
  session.close?.();
  // Without what led there, an outcome may be another one, which is kept already.
  let kept = await replayed(target, inputs);
  for (let before = Infinity; kept.length < before;) {
    before = kept.length;
    const once = new Map(kept.toReversed().map((one) => [one.outcome, one] as const));
    kept = await replayed(target, [...once.values()].reverse().slice(0, KEPT_MAX).map(({ input }) => input));
  }
  const lines = kept.map(({ outcome, input }) => `${outcome}\t${encodeBase64(input)}\n`);
  await Deno.writeTextFile(pathOf(target), lines.join(""));
  return lines.length;
}
