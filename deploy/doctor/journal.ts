// Whether the journal is written: an aggregator has an entry for each tick, whether anybody flies or not.
import type { FleetFacts } from "./facts.ts";
import { type Finding, ok, wrong } from "./finding.ts";
import { nameOf, type Place } from "./place.ts";

/** @param later what it told a while after; null: it told nothing more */
export function judgeJournal(
  place: Place,
  { before, later }: { before: FleetFacts; later: FleetFacts | null },
): Finding {
  const looked = { check: "journal", of: nameOf(place) };
  const { state, lastIndex } = (later ?? before).journal;
  if (state === "failing") {
    return wrong(looked, {
      said: "the journal cannot be written, so nothing is acknowledged",
      mend: "make room on its disk, or have the disk looked at: it goes on by itself",
    });
  }
  if (state === "volatile") {
    const said = "there is no journal: what is acknowledged is lost with the process";
    return wrong(looked, { said, mend: "set SLIPSTREAM_JOURNAL to a folder" });
  }
  const entries = lastIndex - before.journal.lastIndex;
  if (entries > 0) return ok(looked, `is written, ${entries} entries while it was looked at`);
  return wrong(looked, {
    said: "the journal does not advance",
    mend: "restart the aggregator, and report what it logged",
  });
}
