// The fleet in numbers, as the API shows it.
import type { Airspace } from "../airspace/airspace.ts";
import type { Alerts } from "../alerts/alerts.ts";
import type { Latency } from "../../platform/latency.ts";
import type { FleetView } from "../views.ts";
import type { Drones } from "./drones/drones.ts";
import type { Hearing } from "./edges/hearing.ts";
import type { Counting } from "./records/counting.ts";
import type { Traffic } from "./traffic/traffic.ts";
import type { Watermark } from "./windows/watermark.ts";
import type { Windows } from "./windows/windows.ts";

/** The parts that know them. */
export interface FleetParts {
  watermark: Watermark;
  drones: Drones;
  alerts: Alerts;
  hearing: Hearing;
  airspace: Airspace;
  counting: Counting;
  windows: Windows;
  traffic: Pick<Traffic, "size" | "reports">;
  sensorToAlert: Latency;
  batches: FleetView["batches"];
}

export function fleetView(
  { watermark, drones, alerts, hearing, airspace, counting, windows, traffic, sensorToAlert, batches }: FleetParts,
): FleetView {
  return {
    watermarkUs: watermark.us === -Infinity ? null : watermark.us,
    drones: drones.size,
    ...drones.counts(),
    openAlerts: alerts.openCount,
    stalest: hearing.stalest,
    alertsNotRaised: alerts.notRaised,
    airspace: airspace.view,
    records: { ...counting.records },
    batches: { ...batches },
    traffic: { known: traffic.size, reports: traffic.reports },
    past: windows.view,
    sensorToWindowMs: counting.sensorToWindow.view(),
    sensorToAlertMs: sensorToAlert.view(),
  };
}
