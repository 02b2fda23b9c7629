// The way there and back: whether what a drone measures is acknowledged, whether it is warned, and whether its acknowledgement of
// the warning gets to the aggregator.
import type { Platform } from "../../platform/system.ts";
import { type Asking, jsonIn } from "./asking.ts";
import { alertFacts, deliveryFacts } from "./facts.ts";
import { type Finding, ok, wrong } from "./finding.ts";
import { nameOf, type Place } from "./place.ts";
import { type Flown, flyPair, type ProbeProof, waitFor } from "./pair.ts";

export interface ProbeParts {
  asking: Pick<Asking, "get">;
  aggregatorUrl: string;
  probes: readonly [ProbeProof, ProbeProof];
  platform: Pick<Platform, "clock" | "after" | "every">;
}

/** An acknowledgement of a warning is with the aggregator soon after the drone has sent it. */
const DELIVERED_MS_MAX = 3000;
/** A conflict is resolved a few seconds after it is over. */
const RESOLVED_MS_MAX = 10_000;

export async function probe(place: Place, parts: ProbeParts): Promise<Finding> {
  const { asking, aggregatorUrl, probes, platform } = parts;
  const looked = { check: "probe", of: nameOf(place) };
  const url = `${place.url.replace(/^http/, "ws")}/v1/telemetry`;
  const flown = await flyPair({ url, probes, platform });
  const { isConnected, problem, acknowledgedMs, warnedMs, alertIds } = flown;
  if (!isConnected) {
    return wrong(looked, {
      said: `takes no drones: ${problem ?? "nothing comes back"}`,
      mend: "correct what the sentence names; the drones' proofs are their own (--drone-token, or --pki)",
    });
  }
  const droneIds = probes.map(({ droneId }) => droneId);
  const get = async (path: string) => {
    const answer = await asking.get(`${aggregatorUrl}${path}`);
    return "text" in answer ? jsonIn(answer.text) : null;
  };
  if (acknowledgedMs === null || warnedMs === null) return wrong(looked, await whyNot(flown, { get, droneIds }));
  const isDelivered = await waitFor(async () => {
    const deliveries = (await Promise.all(alertIds.map((id) => get(`/v1/deliveries?alert=${id}`))))
      .flatMap((json) => deliveryFacts(json)?.deliveries ?? []);
    const heard = (id: string) => deliveries.some((one) => one.droneId === id && one.outcome === "acknowledged");
    return droneIds.every(heard);
  }, { limitMs: DELIVERED_MS_MAX, platform });
  if (!isDelivered) {
    return wrong(looked, {
      said: "the drones were warned, and the aggregator does not hear that they know",
      mend: "look at the log of the edge: what it says goes the same way as batches do",
    });
  }
  const isOver = await waitFor(async () => {
    const alerts = alertFacts(await get("/v1/alerts?state=open&limit=1000"))?.alerts;
    return alerts !== undefined && !alerts.some((alert) => alert.droneIds.some((id) => droneIds.includes(id)));
  }, { limitMs: RESOLVED_MS_MAX, platform });
  if (!isOver) {
    const said = "the drones have landed, and an alert about them is still open";
    return wrong(looked, { said, mend: "look at /v1/alerts; it should end by itself" });
  }
  const times = `record acknowledged after ${ms(acknowledgedMs)}, both warned after ${ms(warnedMs)}`;
  return ok(looked, `${times}, and the aggregator knows that they know`);
}

type Asked = { get: (path: string) => Promise<unknown>; droneIds: readonly string[] };

async function whyNot({ acknowledgedMs, warnedMs, alertIds }: Flown, { get, droneIds }: Asked) {
  const drones = await Promise.all(droneIds.map((id) => get(`/v1/drones/${encodeURIComponent(id)}`)));
  const isHeard = drones.every((drone) => typeof Object(drone).droneId === "string");
  const downlink = "let what comes from the edge through to drones: proxies must not hold small messages back";
  if (acknowledgedMs === null && warnedMs === null) {
    return isHeard
      ? { said: "the downlink is blocked: the aggregator hears the drones, and they hear nothing", mend: downlink }
      : { said: "the aggregator does not hear the drones", mend: "look at the edge's log, and at its backlog" };
  }
  if (warnedMs !== null) {
    return {
      said: "drones are warned, and their records are not acknowledged",
      mend: "see what is said of the journal",
    };
  }
  return alertIds.length > 0
    ? { said: "one of two drones is warned and the other is not", mend: "see /v1/deliveries of the aggregator" }
    : { said: "the downlink is blocked: records are acknowledged, and no warning comes", mend: downlink };
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}
