// Programs of several commands, such as `deno task pki`: the first word says which, and the options behind it are its own.
import type { Kind, Values } from "./kinds.ts";
import { nearest } from "./nearest.ts";
import { aligned, type Command, helpText, optionsOf, readOptions, tellVersion, UsageError } from "./options.ts";

/** One of a program's commands. */
export interface Subcommand {
  about: string;
  /** Names of its options. */
  options: string[];
  /** With what follows its name on the command line. */
  run: (args: string[]) => Promise<void>;
}

/** A program, as its help tells of it. */
export interface Program {
  /** As it is started, such as "deno task pki". */
  name: string;
  about: string;
  /** By the word that means it. */
  commands: Record<string, Subcommand>;
}

/** A command by its table of options and what it does with them. */
export function subcommand<Options extends Record<string, Kind<unknown>>>(
  command: Command<Options>,
  run: (options: Values<Options>) => Promise<void>,
): Subcommand {
  return {
    about: command.about,
    options: Object.keys(command.options),
    run: (args) => run(optionsOf(command, args)),
  };
}

/**
 * The command that a command line means.
 *
 * @returns "help" when it asks for that of the whole program
 * @throws {UsageError}
 */
export function chosenCommand([word, ...rest]: string[], program: Program): { run: () => Promise<void> } | "help" {
  const { name, about, commands } = program;
  const known = Object.keys(commands);
  if (word === undefined) {
    throw new UsageError(`Cannot run ${name}: a command is needed: ${known.join(", ")} (see --help)`);
  }
  if (Object.hasOwn(commands, word)) return { run: () => commands[word]!.run(rest) };
  if (word.startsWith("-") && readOptions([word], { name, about, options: {} }) === "help") return "help";
  throw new UsageError(
    `Cannot run ${name}: ${word}: no such command; the nearest is ${nearest(word, known)} (see --help)`,
  );
}

/** What the whole program's `--help` prints. */
export function programHelp({ name, about, commands }: Program): string {
  const rows = Object.entries(commands).map(([word, { about, options }]) => {
    const taken = options.map((option) => `--${option}`).join(", ");
    return [word, `${about} (${taken})`] as const;
  });
  const [, aboutLine, ...options] = helpText({ name, about, options: {} }).split("\n");
  return [
    `Usage: ${name} COMMAND [options]`,
    aboutLine,
    "",
    "Commands (COMMAND --help tells of its options):",
    ...aligned(rows),
    ...options,
  ].join("\n");
}

/** For a program of several commands: runs the one that this process was asked for, or tells what is wrong, and ends. */
export async function runProgram(program: Program): Promise<void> {
  tellVersion(Deno.args);
  let chosen;
  try {
    chosen = chosenCommand(Deno.args, program);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
  if (chosen === "help") console.log(programHelp(program));
  else await chosen.run();
}
