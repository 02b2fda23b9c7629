// What `deno task release:check` can be asked for.
import { text } from "../../platform/kinds.ts";
import { type Command, flag } from "../../platform/options.ts";

const OPTIONS = {
  final: flag("the version is being released now: the changelog must say on which day"),
  write: flag("writes docs/licences.md instead of comparing it"),
  sbom: text({
    ...{ fallback: null, placeholder: "FILE", shown: "none" },
    about: "where to write the bill of materials, in CycloneDX's form",
  }),
};

/** The command line of `deno task release:check`. */
export const RELEASE_CHECK: Command<typeof OPTIONS> = {
  name: "deno task release:check",
  about:
    "Checks what must hold before a version is released: version, changelog, lock file, licences, bill of materials. " +
    "Exits with 1 when something does not.",
  options: OPTIONS,
};
