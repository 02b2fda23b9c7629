// Whether clocks agree: each with that of the machine on which the doctor runs.
import { type Finding, ok, wrong } from "./finding.ts";
import { nameOf, type Place } from "./place.ts";

/** What a clock showed at some moment between a question and its answer; all in Unix ms. */
export interface Shown {
  place: Place;
  theirsMs: number;
  askedMs: number;
  answeredMs: number;
}

/** From 2 s on the pipeline does not believe a drone's clock. */
const APART_MS_MAX = 1000;
const MEND = "have it set by a time server (chrony, systemd-timesyncd)";

/** One finding of each; where all others agree, of this machine's own. */
export function judgeClocks(shown: readonly Shown[]): Finding[] {
  const ahead = shown.map(({ theirsMs, askedMs, answeredMs }) => theirsMs - (askedMs + answeredMs) / 2);
  const isApart = (ms: number, { askedMs, answeredMs }: Shown) =>
    Math.abs(ms) - (answeredMs - askedMs) / 2 > APART_MS_MAX;
  const first = ahead[0] ?? 0;
  const isOwn = shown.length > 1 &&
    shown.every((one, i) => isApart(ahead[i]!, one) && !isApart(ahead[i]! - first, one));
  if (isOwn) {
    const said = `this machine's clock is ${seconds(-first)} all others`;
    return [wrong({ check: "clock", of: "doctor" }, { said, mend: MEND })];
  }
  return shown.map((one, i) => {
    const looked = { check: "clock", of: nameOf(one.place) };
    const said = `its clock is ${seconds(ahead[i]!)} this machine's`;
    return isApart(ahead[i]!, one) ? wrong(looked, { said, mend: MEND }) : ok(looked, said);
  });
}

function seconds(ms: number): string {
  return `${(Math.abs(ms) / 1000).toFixed(3)} s ${ms < 0 ? "behind" : "ahead of"}`;
}
