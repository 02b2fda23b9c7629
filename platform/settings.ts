// A process's settings, from the environment, by a table. All that is wrong is told at once, in one style, before anything
// starts: values out of bounds, variables that no process reads, values that need another.
import type { Kind, Values } from "./kinds.ts";
import { nearest } from "./nearest.ts";
import { ENDS_WITH_PARENT, MEMBER_OF_NODE } from "./parent.ts";
import { SETTING_NAMES, type SettingName, type SettingsOf } from "./setting_names.ts";

/** A table of all settings of a process, by the variable that says each. */
export type SettingsTable<Process extends SettingsOf> = Record<SettingName<Process>, Kind<unknown>>;

/** One setting that makes sense with another only. */
export interface Rule<Read> {
  name: keyof Read & string;
  /** Whether it is broken by what was read; a wrong value counts as one that was not set. */
  isBroken: (read: Read) => boolean;
  /** As in "needs SLIPSTREAM_KV". */
  needs: string;
}

const PREFIX = "SLIPSTREAM_";
/** Of a value that is told: a key that was meant for another variable is not written into the log whole. */
const SHOWN_CHARACTERS_MAX = 40;
const NAMES: ReadonlySet<string> = new Set([...Object.values(SETTING_NAMES).flat(), ENDS_WITH_PARENT, MEMBER_OF_NODE]);

/**
 * Reads the environment; an empty variable is one that is not set.
 *
 * @throws {TypeError} naming every variable that is wrong, its value, and what it must be
 */
export function readSettings<Process extends SettingsOf, Table extends SettingsTable<Process>>(
  env: Record<string, string | undefined>,
  { process, table, rules = [] }: { process: Process; table: Table; rules?: Rule<Values<Table>>[] },
): Values<Table> {
  const problems: string[] = [];
  const told = (name: string) => isSecret(table, name) ? "…" : shown(env[name]);
  const values: Record<string, unknown> = {};
  const read = (name: string, kind: Kind<unknown>) => {
    values[name] = kind.fallback;
    const text = env[name];
    if (text === undefined || text === "") return;
    const outcome = kind.read(text);
    if ("value" in outcome) values[name] = outcome.value;
    else problems.push(`${name}=${told(name)}: must ${outcome.must}`);
  };
  for (const [name, kind] of Object.entries<Kind<unknown>>(table)) read(name, kind);
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined || text === "" || !name.startsWith(PREFIX) || NAMES.has(name)) continue;
    problems.push(`${name}=${shown(text)}: no such setting; the nearest is ${nearest(name, NAMES)}`);
  }
  // The table has each name, and read() has given each a value of its kind.
  const all = values as Values<Table>;
  for (const { name, isBroken, needs } of rules) {
    if (isBroken(all)) problems.push(`${name}=${told(name)}: ${needs}`);
  }
  if (problems.length > 0) {
    throw new TypeError(
      `Cannot start the ${process}: ${problems.length} setting(s) are wrong\n  ${problems.join("\n  ")}`,
    );
  }
  return all;
}

function isSecret(table: Record<string, Kind<unknown>>, name: string): boolean {
  return table[name]?.isSecret === true;
}

function shown(text = ""): string {
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
}
