// Whether all run the same version: that of most of them; where that is undecided, the aggregator's.
import { type Finding, ok, wrong } from "./finding.ts";

export interface Running {
  of: string;
  version: string;
}

const MEND = "upgrade whichever is older, the aggregator before its edges";

/** @param all the aggregator first, if it is known */
export function judgeVersions(all: readonly Running[]): Finding[] {
  const counts = Map.groupBy(all, ({ version }) => version);
  const most = Math.max(...Array.from(counts.values(), ({ length }) => length));
  const usual = all.find(({ version }) => counts.get(version)!.length === most)?.version;
  return all.map(({ of, version }) => {
    const looked = { check: "version", of };
    if (version === usual) return ok(looked, version);
    return wrong(looked, { said: `runs ${version || "a version without a number"}, the others ${usual}`, mend: MEND });
  });
}
