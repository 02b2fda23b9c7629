// Whether Prometheus would get its metrics there, and how much room they say the journal's disk has left.
import type { Answer } from "./asking.ts";
import { type Finding, ok, skipped, wrong } from "./finding.ts";
import { nameOf, type Place } from "./place.ts";

const PROOF = "slipstream_build_info";
const MEND = "let /metrics through to it, with a viewer's token (docs/deploy.md, Metrics)";

/** By the answer to GET /metrics. */
export function judgeScrape(place: Place, answer: Answer): Finding {
  const looked = { check: "metrics", of: nameOf(place) };
  if ("silence" in answer) return wrong(looked, { said: `/metrics does not answer: ${answer.said}`, mend: MEND });
  const { status, text } = answer;
  if (status !== 200) return wrong(looked, { said: `/metrics answers with ${status}`, mend: MEND });
  if (!text.includes(PROOF)) return wrong(looked, { said: `/metrics answers with something else`, mend: MEND });
  return ok(looked, `${text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length} samples`);
}

/** Of an aggregator. */
export function judgeDisk(place: Place, { answer, mibMin }: { answer: Answer; mibMin: number }): Finding {
  const looked = { check: "disk", of: nameOf(place) };
  const text = "silence" in answer ? "" : answer.text;
  const told = /^slipstream_aggregator_disk_free_bytes (\S+)/m.exec(text)?.[1];
  if (told === undefined) return skipped(looked, "its metrics do not tell how much room is left");
  const mib = Math.floor(Number(told) / (1 << 20));
  if (mib >= mibMin) return ok(looked, `${mib} MiB are left for the journal`);
  return wrong(looked, {
    said: `${mib} MiB are left for the journal, less than ${mibMin}`,
    mend: "make room, or lower SLIPSTREAM_JOURNAL_MIB and SLIPSTREAM_RETENTION_HOURS",
  });
}
