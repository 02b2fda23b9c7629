// Where an aggregator keeps what it keeps, for commands that are started beside it, or after it: by the same variables, unless
// the command line says otherwise.
import { type Kind, text } from "../../platform/kinds.ts";
import { type AggregatorConfig, readAggregatorConfig } from "../config.ts";

/** Options of such a command. */
export const PLACES = {
  sqlite: place("the database; without it SLIPSTREAM_SQLITE's"),
  journal: place("the journal's folder; without it SLIPSTREAM_JOURNAL's"),
};

/** Whose id is meant. */
export const DRONE: Kind<string | null> = text({
  ...{ fallback: null, shown: "needed", placeholder: "ID", about: "whose" },
  fits: (id) => id !== "" && new TextEncoder().encode(id).length <= 64,
  must: "be 1 to 64 bytes",
});

/** What is wrong where no drone is named. */
export function needsDrone({ drone }: { drone: string | null }): string[] {
  return drone === null ? ["--drone: say whose"] : [];
}

/** @throws {TypeError} for variables that are wrong */
export function configOf(
  env: Record<string, string>,
  { sqlite, journal }: { sqlite: string | null; journal: string | null },
): AggregatorConfig {
  return readAggregatorConfig({
    ...env,
    ...sqlite !== null && { SLIPSTREAM_SQLITE: sqlite },
    ...journal !== null && { SLIPSTREAM_JOURNAL: journal },
  });
}

/** Runs a command to its end: what is wrong is one line. */
export async function run(command: () => Promise<void> | void): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
}

function place(about: string): Kind<string | null> {
  return text({ fallback: null, shown: "", placeholder: "PATH", about });
}
