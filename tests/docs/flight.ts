// A flight of the simulator's own as a recording: docs/flight.csv. `deno run -A tests/docs/flight.ts > docs/flight.csv`.
import { Fleet } from "../../sim/fleet.ts";
import type { Battery, Position } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";

/** This one takes off from its pad, flies its legs, and lands. */
const SEED = 33;
const SECONDS = 90;
/** Each second position and each fifth battery of those measured: five and one a second. */
const EVERY = { position: 2, battery: 5 };
/** Any day. */
const START_US = 1_767_225_600_000_000;

const HEADER = "t_ms,drone_id,lat_deg,lon_deg,alt_m,vn_mps,ve_mps,vd_mps,battery_v,battery_pct";

/** The file's text: rows in order of time, each a position or a battery. */
export function recordFlight(seed = SEED): string {
  const fleet = new Fleet({ drones: 1, seed, scenario: "calm", startUs: START_US, coalesce: false });
  const records = fleet.advance(START_US + SECONDS * 1_000_000).flatMap(({ records }) => records);
  const of = <Case extends "position" | "battery">(kind: Case) =>
    records.filter(({ body }) => body.case === kind).filter((_, i) => i % EVERY[kind] === 0);
  const rows = [...of("position"), ...of("battery")]
    .sort((a, b) => Number(a.eventTimeUs - b.eventTimeUs))
    .map(({ eventTimeUs, body }) => {
      const tMs = Math.round((Number(eventTimeUs) - START_US) / 1000);
      const cells = body.case === "position" ? positionCells(body.value) : batteryCells(body.value as Battery);
      return [tMs, fleet.drones[0]!.droneId, ...cells].join(",");
    });
  return [HEADER, ...rows, ""].join("\n");
}

function positionCells({ latE7, lonE7, altMslMm, vnCms, veCms, vdCms }: Position): string[] {
  const mps = [vnCms, veCms, vdCms].map((cms) => (cms / 100).toFixed(2));
  return [(latE7 / 1e7).toFixed(7), (lonE7 / 1e7).toFixed(7), ((altMslMm ?? 0) / 1000).toFixed(2), ...mps, "", ""];
}

function batteryCells({ voltageMv, remainingCpct }: Battery): string[] {
  const [volts, percent] = [(voltageMv ?? 0) / 1000, (remainingCpct ?? 0) / 100];
  return ["", "", "", "", "", "", volts.toFixed(2), percent.toFixed(2)];
}

if (import.meta.main) await Deno.stdout.write(new TextEncoder().encode(recordFlight()));
