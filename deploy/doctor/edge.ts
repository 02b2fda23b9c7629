// What an edge says of itself that can be wrong: its way to the aggregator, its KV database, what it gives up.
import type { EdgeFacts, FleetFacts } from "./facts.ts";
import { type Finding, ok, skipped, wrong } from "./finding.ts";
import { nameOf, type Place } from "./place.ts";

const GIVES_UP_FROM = 2;

/** @param fleet what the aggregator tells; null: nothing, which is a finding of its own */
export function judgeUplink(place: Place, { edge, fleet }: { edge: EdgeFacts; fleet: FleetFacts | null }): Finding {
  const looked = { check: "uplink", of: nameOf(place) };
  const { edgeId, uplink, uplinkTrouble } = edge;
  if (!fleet) return skipped(looked, "the aggregator cannot be asked");
  if (uplink !== "connected") {
    const why = uplinkTrouble ?? "it does not say why";
    const isProof = /\b(401|403|4004)\b|certificate|token/i.test(why);
    return wrong(looked, {
      said: `${edgeId} has no aggregator: ${why}`,
      mend: isProof
        ? "give it a proof that holds: SLIPSTREAM_UPLINK_CERT or SLIPSTREAM_UPLINK_TOKEN, and SLIPSTREAM_UPLINK_CA"
        : "correct its SLIPSTREAM_UPLINK_URL, or the way there",
    });
  }
  if (fleet.edges.some((one) => one.connections > 0 && one.edgeId.startsWith(edgeId))) {
    return ok(looked, `${edgeId} is connected to the aggregator`);
  }
  const said = `${edgeId} is connected to another aggregator than this one`;
  return wrong(looked, { said, mend: "correct its SLIPSTREAM_UPLINK_URL, or --aggregator" });
}

export function judgeKv(place: Place, { edge, isNeeded }: { edge: EdgeFacts; isNeeded: boolean }): Finding {
  const looked = { check: "KV", of: nameOf(place) };
  if (edge.kv === "fails") {
    return wrong(looked, {
      said: "cannot read its KV database, so new drones get the zone of all others",
      mend: "see to the database that SLIPSTREAM_KV names; the edge's log says what is wrong with it",
    });
  }
  if (edge.kv === "off" && isNeeded) {
    return wrong(looked, {
      said: "has no KV database, so all drones are of one fleet and zone",
      mend: "set SLIPSTREAM_KV to its path, or to default where the platform has one",
    });
  }
  if (edge.kv === undefined) return skipped(looked, "it does not tell");
  return ok(looked, edge.kv === "off" ? "has none, and needs none" : "can be read");
}

export function judgeLoad(place: Place, { level }: EdgeFacts): Finding {
  const looked = { check: "load", of: nameOf(place) };
  if (level < GIVES_UP_FROM) return ok(looked, "gives up nothing");
  return wrong(looked, {
    said: `is overloaded, and gives up records (level ${level})`,
    mend: "add edges, or have drones put more records into one frame",
  });
}
