// Looks at everything, in the order in which one thing needs another: what cannot be told while something else is wrong is no
// finding of its own.
import type { Platform } from "../../platform/system.ts";
import { VERSION } from "../../platform/version.ts";
import { type Asking } from "./asking.ts";
import { judgeCertificate, type Validity } from "./certificate.ts";
import { judgeClocks, type Shown } from "./clock.ts";
import { judgeKv, judgeLoad, judgeUplink } from "./edge.ts";
import { type EdgeFacts, edgeFacts, type FleetFacts, fleetFacts } from "./facts.ts";
import { type Finding, skipped, together } from "./finding.ts";
import { judgeJournal } from "./journal.ts";
import { nameOf, type Place } from "./place.ts";
import { type ProbeProof, waitFor } from "./pair.ts";
import { probe } from "./probe.ts";
import { judgeReach } from "./reach.ts";
import { judgeDisk, judgeScrape } from "./scrape.ts";
import { readTold, TOLD_AT } from "./token.ts";
import { judgeVersions } from "./versions.ts";

export interface ExamParts {
  edges: readonly Place[];
  aggregator: Place;
  asking: Asking;
  validityAt: (url: string) => Promise<Validity | null>;
  platform: Pick<Platform, "now" | "clock" | "after" | "every">;
  /** Who flies; null: nobody, and why. */
  probes: readonly [ProbeProof, ProbeProof] | { none: string };
  needsKv: boolean;
  diskMibMin: number;
}

/** Many ticks. */
const JOURNAL_MS_MAX = 3000;

/** A process that can be asked: what it told, and when. */
interface Seen<Facts> {
  facts: Facts | null;
  askedMs: number;
  answeredMs: number;
}

export async function examine(parts: ExamParts): Promise<Finding[]> {
  const { edges, aggregator, asking, needsKv, diskMibMin } = parts;
  const findings: Finding[] = [];
  const fleet = await see(aggregator, { ...parts, read: fleetFacts, findings });
  const seen: { place: Place; edge: Seen<EdgeFacts> }[] = [];
  for (const place of edges) seen.push({ place, edge: await see(place, { ...parts, read: edgeFacts, findings }) });

  findings.push(...judgeClocks(shownOf(aggregator, { fleet, seen })));
  findings.push(...judgeVersions(runningOf(aggregator, { fleet: fleet.facts, seen })));
  for (const { place, edge: { facts } } of seen) {
    if (!facts) continue;
    findings.push(judgeUplink(place, { edge: facts, fleet: fleet.facts }), judgeLoad(place, facts));
    findings.push(judgeScrape(place, await asking.get(`${place.url}/metrics`)));
  }
  if (fleet.facts) {
    const journal = await watchJournal(fleet.facts, parts);
    const metrics = await asking.get(`${aggregator.url}/metrics`);
    findings.push(journal, judgeScrape(aggregator, metrics));
    // That it is full is said already.
    if (journal.state === "ok") findings.push(judgeDisk(aggregator, { answer: metrics, mibMin: diskMibMin }));
  }
  for (const { place, edge } of seen) {
    if (!edge.facts) continue;
    const canFly = fleet.facts !== null && isFlyable(place, { aggregator, findings });
    findings.push(await flown(place, { ...parts, canFly }));
  }
  // Probes were looked up there.
  for (const { place, edge } of seen) {
    const told = edge.facts && await asking.get(`${place.url}${TOLD_AT.edge}`);
    const facts = told && readTold(place, { answer: told, read: edgeFacts, hasToken: asking.hasToken }).facts;
    if (facts) findings.push(judgeKv(place, { edge: facts, isNeeded: needsKv }));
  }
  return together(findings);
}

/** What does not keep a probe from its way. */
const PROBED_ALL_THE_SAME = ["version", "metrics", "disk", "load", "certificate"];

function isFlyable(
  place: Place,
  { aggregator, findings }: { aggregator: Place; findings: readonly Finding[] },
): boolean {
  const concerned = [nameOf(place), nameOf(aggregator), "doctor"];
  return findings.every(({ state, check, of }) =>
    state !== "wrong" || PROBED_ALL_THE_SAME.includes(check) || !concerned.includes(of)
  );
}

async function see<Facts>(
  place: Place,
  { asking, validityAt, platform, read, findings }:
    & Pick<ExamParts, "asking" | "validityAt" | "platform">
    & { read: (json: unknown) => Facts | null; findings: Finding[] },
): Promise<Seen<Facts>> {
  const nothing = { facts: null, askedMs: 0, answeredMs: 0 };
  const validity = place.url.startsWith("https:") ? await validityAt(place.url) : null;
  if (validity) {
    const finding = judgeCertificate(place, { validity, nowMs: platform.now() });
    findings.push(finding);
    const isInForce = validity.fromMs <= platform.now() && platform.now() < validity.toMs;
    if (!isInForce) return nothing;
  }
  const reached = judgeReach(place, await asking.get(`${place.url}/healthz`));
  findings.push(reached);
  if (reached.state !== "ok") return nothing;
  const answer = await asking.get(`${place.url}${TOLD_AT[place.kind]}`);
  const { finding, facts } = readTold(place, { answer, read, hasToken: asking.hasToken });
  findings.push(finding);
  return "silence" in answer ? nothing : { ...answer, facts };
}

/** Until it has advanced, or should have. */
async function watchJournal(before: FleetFacts, { aggregator, asking, platform }: ExamParts): Promise<Finding> {
  let later: FleetFacts | null = null;
  await waitFor(async () => {
    const answer = await asking.get(`${aggregator.url}${TOLD_AT.aggregator}`);
    later = readTold(aggregator, { answer, read: fleetFacts, hasToken: asking.hasToken }).facts ?? later;
    return later !== null && (later.journal.state !== "durable" || later.journal.lastIndex > before.journal.lastIndex);
  }, { limitMs: JOURNAL_MS_MAX, platform });
  return judgeJournal(aggregator, { before, later });
}

interface AllSeen<Fleet> {
  fleet: Fleet;
  seen: readonly { place: Place; edge: Seen<EdgeFacts> }[];
}

function shownOf(aggregator: Place, { fleet, seen }: AllSeen<Seen<FleetFacts>>): Shown[] {
  const shown: Shown[] = [];
  if (fleet.facts) shown.push({ ...fleet, place: aggregator, theirsMs: fleet.facts.timeUs / 1000 });
  for (const { place, edge } of seen) {
    if (edge.facts?.time) shown.push({ ...edge, place, theirsMs: Date.parse(edge.facts.time) });
  }
  return shown;
}

function runningOf(aggregator: Place, { fleet, seen }: AllSeen<FleetFacts | null>) {
  const asked = seen.flatMap(({ place, edge: { facts } }) =>
    facts ? [{ of: nameOf(place), version: facts.version, edgeId: facts.edgeId }] : []
  );
  const others = (fleet?.edges ?? []).filter(({ edgeId, connections }) =>
    connections > 0 && !asked.some((one) => edgeId.startsWith(one.edgeId))
  );
  return [
    ...fleet ? [{ of: nameOf(aggregator), version: fleet.version }] : [],
    ...asked,
    ...others.map(({ edgeId, version }) => ({ of: `edge ${edgeId}`, version })),
    { of: "doctor", version: VERSION },
  ];
}

async function flown(place: Place, parts: ExamParts & { canFly: boolean }): Promise<Finding> {
  const { asking, aggregator, probes, platform, canFly } = parts;
  const looked = { check: "probe", of: nameOf(place) };
  if ("none" in probes) return skipped(looked, probes.none);
  if (!canFly) return skipped(looked, "something else is to be mended first");
  return await probe(place, { asking, aggregatorUrl: aggregator.url, probes, platform });
}
