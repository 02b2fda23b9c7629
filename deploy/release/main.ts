// deno task release:check: whether this folder can be released as the version that it says it is.
import { optionsOf } from "../../platform/options.ts";
import { releaseChecks } from "./checks.ts";
import { Folder } from "./folder.ts";
import { RELEASE_CHECK } from "./options.ts";

const { final: isFinal, write: writes, sbom } = optionsOf(RELEASE_CHECK);
const outcomes = await releaseChecks(new Folder(new URL("../../", import.meta.url)), {
  ...{ isFinal, writes },
  onSbom: (text) => {
    if (sbom !== null) Deno.writeTextFileSync(sbom, text);
  },
});
for (const { name, problems } of outcomes) {
  console.log(`${problems.length === 0 ? "ok    " : "FAILED"} ${name}`);
  for (const problem of problems) console.log(`       ${problem}`);
}
Deno.exit(outcomes.some(({ problems }) => problems.length > 0) ? 1 : 0);
