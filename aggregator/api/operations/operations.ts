// All that an aggregator can be asked over HTTP, in the order in which it is told.
import {
  page,
  readDocs,
  readDocument,
  readHealth,
  readMetrics,
  readReadiness,
} from "../../../platform/openapi/health.ts";
import type { Surface } from "../../../platform/openapi/operation.ts";
import { acknowledgeAlert, listAlerts, listDeliveries } from "./alerts.ts";
import { exportAlerts, exportTracks, exportWindows } from "./exports.ts";
import { eraseDrone, listDrones, readDrone, readFleet, readScale } from "./fleet.ts";
import { listTraffic } from "./traffic.ts";
import { changeSettings, listAudit, listLosses, listSettings, readSession, signIn, signOut } from "./people.ts";
import { followEvents, openUplink } from "./streams.ts";
import { listWebhooks } from "./webhooks.ts";
import { listWindows } from "./windows.ts";

export const AGGREGATOR: Surface = {
  title: "Slipstream aggregator",
  about: "What is known of the fleet, and what people do about it. Times that end in `Us` are Unix µs.",
  operations: [
    ...[readFleet, readScale, listTraffic, listDrones, readDrone, eraseDrone, listLosses, followEvents],
    ...[listWindows],
    ...[listAlerts, acknowledgeAlert, listDeliveries, listWebhooks],
    ...[exportTracks, exportWindows, exportAlerts],
    ...[readSession, signIn, signOut, listSettings, changeSettings, listAudit],
    openUplink,
    ...[readHealth, readReadiness, readMetrics],
    page("/", { id: "readConsole", summary: "The console" }),
    page("/audit", { id: "readAuditPage", summary: "The page of the audit" }),
    ...[readDocument, readDocs],
  ],
};
