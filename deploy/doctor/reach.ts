// Whether a process is there at all, and is one of ours.
import { type Answer, errorIn, jsonIn } from "./asking.ts";
import { type Finding, ok, wrong } from "./finding.ts";
import { nameOf, type Place, portSetting } from "./place.ts";

/** By the answer to GET /healthz. */
export function judgeReach(place: Place, answer: Answer): Finding {
  const looked = { check: "reached", of: nameOf(place) };
  if ("silence" in answer) return wrong(looked, whySilent(place, answer));
  const { status, text, askedMs, answeredMs } = answer;
  const { status: said } = Object(jsonIn(text));
  if (status === 200 && said === "ok") return ok(looked, `answers within ${Math.round(answeredMs - askedMs)} ms`);
  if (status === 421) {
    return wrong(looked, { said: errorIn(text), mend: `ask it by a name that SLIPSTREAM_HOSTS has, or add this one` });
  }
  if (status >= 502 && status <= 504) {
    return wrong(looked, {
      said: `a proxy answers with ${status}`,
      mend: `start the ${place.kind} behind it, or correct where the proxy looks for it`,
    });
  }
  return wrong(looked, taken(place, `answers with ${status}`));
}

function whySilent(place: Place, { silence, said }: Extract<Answer, { silence: unknown }>) {
  const { kind } = place;
  switch (silence) {
    case "refused":
      return { said: "nobody listens there", mend: `start it (deno task ${kind}); its log says why it ended` };
    case "unknown name":
      return { said: "nobody knows that name", mend: "correct the address, or the name server's entry" };
    case "certificate":
      return { said, mend: "have its certificate signed for this name, or say with --ca FILE whom to trust" };
    case "silent":
      return { said: "nothing comes back", mend: "open the way through firewalls, or restart it if it hangs" };
    case "no HTTP":
      return taken(place, "speaks no HTTP");
    case "broken":
      return { said: `the connection breaks: ${said}`, mend: "look at what is in between, and at its log" };
  }
}

function taken(place: Place, what: string) {
  return {
    said: `the port is taken by another program, which ${what}`,
    mend: `end that program, or set ${portSetting(place)} to another port`,
  };
}
