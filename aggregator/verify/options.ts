// What `deno task audit` can be asked for.
import { text } from "../../platform/kinds.ts";
import type { Command } from "../../platform/options.ts";

const OPTIONS = {
  sqlite: text({
    fallback: "data/slipstream.sqlite",
    placeholder: "FILE",
    about: "the database that keeps the records",
  }),
  journal: text({
    ...{ fallback: null, placeholder: "DIR", shown: "a tail that was cut off is not noticed" },
    about: "the journal's folder, to compare with what it knows of them",
  }),
};

/** The command line of `deno task audit verify`. */
export const AUDIT: Command<typeof OPTIONS> = {
  name: "deno task audit",
  action: "verify",
  about: "Checks the chain of audit records, and names the first that was altered, removed or reordered. " +
    "Exits with 0 when there is none, with 1 when there is one, and with 2 when it cannot tell.",
  options: OPTIONS,
};
