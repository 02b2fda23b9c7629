// Command lines, by a table of options: what is read, what the help says, and what is refused, in one style for every command.
import { parseArgs } from "node:util";
import type { Kind, Values } from "./kinds.ts";
import { nearest } from "./nearest.ts";
import { VERSION } from "./version.ts";

/** An option that takes no value, or that may be repeated: see `flag` and `many`. */
interface Option<Value> extends Kind<Value> {
  isFlag?: true;
  /** How each of several values is read. */
  each?: Kind<unknown>;
}

/** A program, as its help tells of it. */
export interface Command<Options> {
  /** As it is started, such as "deno task sim". */
  name: string;
  /** What it does, in a sentence or two. */
  about: string;
  options: Options;
  /** Words that belong to no option are more values of this one, if it was given; `what`: as in "files". */
  words?: { what: string; follow: keyof Options & string };
  /** A word that must be said, for what is done: as in "verify". */
  action?: string;
  /** What is wrong with options that are right each by itself. */
  rules?: (values: Values<Options>) => string[];
  /** Variables of the environment that it reads as well. */
  settings?: Record<string, Kind<unknown>>;
}

/** The command line was wrong: the message has every problem. */
export class UsageError extends TypeError {
  override name = "UsageError";
}

/** On when it is there; takes no value. */
export function flag(about: string): Kind<boolean> {
  const option: Option<boolean> = {
    ...{ about, placeholder: "", shown: "", fallback: false, isFlag: true },
    read: () => ({ value: true }),
  };
  return option;
}

/** An option that may be repeated: all its values, in order. */
export function many<Value>(each: Kind<Value>): Kind<Exclude<Value, null>[]> {
  const option: Option<Exclude<Value, null>[]> = {
    ...{ about: each.about, placeholder: each.placeholder, shown: each.shown, fallback: [], each },
    read: () => ({ must: "be read one by one" }),
  };
  return option;
}

const HELP = "help";
const VERSION_OPTION = "--version";

/**
 * What a command line asks for; the last one counts of an option that is repeated, unless it may be.
 *
 * @returns "help" when it asks for that, whatever else it says
 * @throws {UsageError}
 */
export function readOptions<Options extends Record<string, Kind<unknown>>>(
  args: string[],
  command: Command<Options>,
): Values<Options> | "help" {
  const options: Record<string, Option<unknown>> = command.options;
  const { tokens } = parseArgs({
    args,
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: {
      ...Object.fromEntries(
        Object.entries(options).map(([name, { isFlag }]) => [name, { type: isFlag ? "boolean" : "string" } as const]),
      ),
      [HELP]: { type: "boolean", short: "h" },
    },
  });
  if (tokens.some((token) => token.kind === "option" && token.name === HELP)) return "help";
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, { fallback }] of Object.entries(options)) values[name] = fallback;
  const take = (name: string, text: string) => {
    const { each, read } = options[name]!;
    const outcome = (each?.read ?? read)(text);
    if ("must" in outcome) problems.push(`--${name}=${text}: must ${outcome.must}`);
    else values[name] = each ? [...values[name] as unknown[], outcome.value] : outcome.value;
  };
  const words: string[] = [];
  const given = new Set<string>();
  // What follows an option that nobody knows is likely its value: it is no problem of its own.
  let unknownAt = NaN;
  for (const token of tokens) {
    if (token.kind === "positional" && token.index !== unknownAt + 1) words.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (!option) {
      if (!inlineValue) unknownAt = token.index;
      const known = [...Object.keys(options), HELP, "version"];
      problems.push(`${rawName}: no such option; the nearest is --${nearest(name, known)}`);
    } else if (option.isFlag) {
      if (value === undefined) values[name] = true;
      else problems.push(`${rawName}: takes no value`);
    } else if (value === undefined || (!inlineValue && value.startsWith("--"))) {
      problems.push(`${rawName}: needs a value`);
    } else {
      given.add(name);
      take(name, value);
    }
  }
  const { action } = command;
  const isAsked = action === undefined || words[0] === action;
  for (const word of action !== undefined && isAsked ? words.slice(1) : words) {
    const { what = "", follow = "" } = command.words ?? {};
    if (given.has(follow)) take(follow, word);
    else problems.push(command.words ? `${word}: ${what} follow --${follow}` : `${word}: this is no option`);
  }
  // The table has each name, and each got its fallback or a value of its kind.
  const all = values as Values<Options>;
  if (problems.length === 0 && !isAsked) problems.push(`say what is to be done: ${action}`);
  if (problems.length === 0) problems.push(...command.rules?.(all) ?? []);
  if (problems.length > 0) throw new UsageError(refusal(command.name, problems));
  return all;
}

function refusal(name: string, problems: string[]): string {
  if (problems.length === 1) return `Cannot run ${name}: ${problems[0]} (see --help)`;
  return `Cannot run ${name}: ${problems.length} options are wrong (see --help)\n  ${problems.join("\n  ")}`;
}

/** What `--help` prints: how it is started, each option, and each setting, with what holds when nothing is said. */
export function helpText(
  { name, action, about, options, settings = {} }: Omit<Command<Record<string, Kind<unknown>>>, "rules" | "words">,
): string {
  const row = (label: string, { about, shown }: Pick<Kind<unknown>, "about" | "shown">) => (
    [label, shown === "" ? about : `${about} (${shown})`] as const
  );
  const optionRows = Object.entries(options).map(([option, kind]) =>
    row(kind.placeholder === "" ? `--${option}` : `--${option} ${kind.placeholder}`, kind)
  );
  const settingRows = Object.entries(settings).map(([variable, kind]) => row(variable, kind));
  return [
    `Usage: ${name}${action === undefined ? "" : ` ${action}`} [options]`,
    about,
    "",
    "Options (what holds without them):",
    ...aligned([...optionRows, ["-h, --help", "this text"], [VERSION_OPTION, "which Slipstream this is"]]),
    ...settingRows.length === 0 ? [] : ["", "Variables of the environment (what holds without them):"],
    ...aligned(settingRows),
  ].join("\n");
}

const LINE_CHARACTERS = 120;

/** Two columns, of which the second goes on in the next line where it has to. */
export function aligned(rows: (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([label]) => label.length)) + 2;
  return rows.flatMap(([label, about]) => {
    const lines = [`  ${label.padEnd(width - 1)}`];
    for (const word of about.split(" ")) {
      if (lines.at(-1)!.length + 1 + word.length > LINE_CHARACTERS) lines.push(" ".repeat(width + 1));
      lines[lines.length - 1] += ` ${word}`;
    }
    return lines;
  });
}

/** Ends the process with its version if it is asked for that. */
export function tellVersion(args: string[]): void {
  if (!args.includes(VERSION_OPTION)) return;
  console.log(`slipstream ${VERSION}`);
  Deno.exit(0);
}

/**
 * For a program's first lines: what this process was asked for. With --help or --version, and if something is wrong, it
 * ends here.
 */
export function optionsOf<Options extends Record<string, Kind<unknown>>>(
  command: Command<Options>,
  args: string[] = Deno.args,
): Values<Options> {
  tellVersion(args);
  try {
    const options = readOptions(args, command);
    if (options !== "help") return options;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
  console.log(helpText(command));
  Deno.exit(0);
}
