// How the fleet is now, by what each operator of the pipeline knows.
import type { Airspace } from "../airspace/airspace.ts";
import type { Alerts } from "../alerts/alerts.ts";
import type { Latency } from "../../platform/latency.ts";
import type { FleetView } from "../views.ts";
import type { Drones } from "./drones/drones.ts";
import type { Hearing } from "./edges/hearing.ts";
import type { Counting } from "./records/counting.ts";
import type { Watermark } from "./windows/watermark.ts";
import type { Windows } from "./windows/windows.ts";

export interface FleetParts {
  drones: Pick<Drones, "size" | "counts">;
  alerts: Pick<Alerts, "openCount" | "notRaised">;
  hearing: Pick<Hearing, "stalest">;
  airspace: Pick<Airspace, "view">;
  counting: Pick<Counting, "records" | "sensorToWindow">;
  windows: Pick<Windows, "view">;
  watermark: Pick<Watermark, "us">;
  batches: FleetView["batches"];
  sensorToAlert: Pick<Latency, "view">;
}

/** A copy: nothing of it changes any more. */
export function fleetView({ drones, alerts, hearing, airspace, counting, windows, ...of }: FleetParts): FleetView {
  return {
    watermarkUs: of.watermark.us === -Infinity ? null : of.watermark.us,
    drones: drones.size,
    ...drones.counts(),
    openAlerts: alerts.openCount,
    stalest: hearing.stalest,
    alertsNotRaised: alerts.notRaised,
    airspace: airspace.view,
    records: { ...counting.records },
    batches: { ...of.batches },
    past: windows.view,
    sensorToWindowMs: counting.sensorToWindow.view(),
    sensorToAlertMs: of.sensorToAlert.view(),
  };
}
