// Whether a process tells whoever brings this token how it is.
import { type Answer, errorIn, jsonIn } from "./asking.ts";
import { type Finding, ok, wrong } from "./finding.ts";
import { nameOf, type Place } from "./place.ts";

/** Where it tells that. */
export const TOLD_AT = { edge: "/v1/status", aggregator: "/v1/fleet" } as const;

const NEW_TOKEN = "make a new one (deno task pki token --person NAME --role viewer): they last an hour at most";

/** What it told, and what is to be said of that; null: nothing that can be used. */
export function readTold<Facts>(
  place: Place,
  { answer, read, hasToken }: { answer: Answer; read: (json: unknown) => Facts | null; hasToken: boolean },
): { finding: Finding; facts: Facts | null } {
  const looked = { check: "token", of: nameOf(place) };
  const none = (said: string, mend: string) => ({ finding: wrong(looked, { said, mend }), facts: null });
  if ("silence" in answer) return none(`does not answer at ${TOLD_AT[place.kind]}: ${answer.said}`, "look at its log");
  const { status, text } = answer;
  if (status === 401 && !hasToken) return none("wants to know who asks", "give --token FILE, or --pki DIR");
  if (status === 401) return none(`does not believe the token: ${errorIn(text)}`, NEW_TOKEN);
  if (status === 403) return none("the token's bearer may not look", "take the token of a viewer, operator or admin");
  if (status === 429) return none("looks at no more proofs for now", "wait a minute, and bring the right token");
  const facts = status === 200 ? read(jsonIn(text)) : null;
  if (facts === null) {
    return none(`is no ${place.kind}: it answers ${TOLD_AT[place.kind]} with ${status}`, `correct its address`);
  }
  return { finding: ok(looked, hasToken ? "believes who asks" : "asks nobody who they are"), facts };
}
