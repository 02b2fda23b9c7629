// deno task mutants: are the tests able to fail? Each mutant is a bug that somebody could have written; see --help.
import type { Mutant } from "./mutant.ts";
import { optionsOf } from "../../platform/options.ts";
import { chosen, MUTANTS_COMMAND } from "./options.ts";
import { MUST_DIE, MUTANTS } from "./table.ts";
import { type Judged, Tree } from "./tree.ts";

const KILLED_SHARE_MIN = 0.95;
/** Of one mutant's tests, and of the tests of all of them without any. */
const LIMIT_MS = 120_000;
const UNMUTATED_LIMIT_MS = 600_000;

const options = optionsOf(MUTANTS_COMMAND);
const mutants = named();
if (options.list) {
  for (const { name, file, tests } of mutants) console.log(`${name}: ${file} → ${tests.join(" ")}`);
  Deno.exit(0);
}

const beganMs = performance.now();
// Progress is no result: with --json stdout holds one object.
const say = options.json ? console.error : console.log;
if (options.sample !== null) say(`seed ${options.seed}: ${mutants.map(({ name }) => name).join(",")}`);
const judged = await judgeAll();
const killed = judged.filter(({ verdict }) => verdict === "killed").length;
const alive = judged.filter(({ verdict }) => verdict !== "killed");
const seconds = Math.round((performance.now() - beganMs) / 1000);
for (const { name, verdict } of alive) say(`${verdict}: ${name}: deno task mutants --only ${name}`);
say(`${killed} of ${judged.length} mutants killed, ${seconds} s`);
if (options.json) console.log(JSON.stringify({ killed, of: judged.length, seconds, mutants: judged }));
const isLost = alive.some(({ name, verdict }) => verdict === "stale" || verdict === "broken" || MUST_DIE.has(name));
Deno.exit(isLost || killed < KILLED_SHARE_MIN * judged.length ? 1 : 0);

function named(): Mutant[] {
  try {
    return chosen(MUTANTS, options);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
}

async function judgeAll(): Promise<Judged[]> {
  await using trees = new AsyncDisposableStack();
  const first = trees.use(await Tree.copy());
  // A test that fails anyway would kill every mutant.
  const { code, output } = await first.test([...new Set(mutants.flatMap(({ tests }) => tests))], UNMUTATED_LIMIT_MS);
  if (code !== 0) throw new Error(`Cannot judge: the tests fail without any mutant\n${output}`);
  const others = await Promise.all(Array.from({ length: options.jobs - 1 }, () => Tree.copy()));
  const results = new Map<Mutant, Judged>();
  const left = [...mutants];
  await Promise.all([first, ...others.map((tree) => trees.use(tree))].map(async (tree) => {
    for (let mutant = left.shift(); mutant; mutant = left.shift()) {
      const result = await tree.judge(mutant, LIMIT_MS);
      results.set(mutant, result);
      say(`${result.verdict.padEnd(8)} ${result.seconds.toFixed(1).padStart(5)} s  ${result.name}`);
    }
  }));
  return mutants.map((mutant) => results.get(mutant)!);
}
