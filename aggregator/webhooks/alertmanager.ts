// A change as Alertmanager would tell it (webhook payload, version 4): one alert a message, firing until it is resolved.
import { createHash } from "node:crypto";
import { type Change, timeOf } from "./change.ts";
import type { WebhookSettings } from "./settings.ts";

/** Of an alert that has not ended. */
const NEVER = "0001-01-01T00:00:00Z";
/** Of one label: a crowd can have hundreds of drones. */
const DRONES_MAX = 16;

/** The payload, as an object for JSON. */
export function alertmanagerOf(
  { journal, alertId, alert }: Change,
  { name: receiver, severities, consoleUrl }: Pick<WebhookSettings, "name" | "severities"> & { consoleUrl: string },
) {
  const { kind, severity, transition, droneIds, detail, message, raisedTimeUs, changedTimeUs } = alert;
  // Also one that is no longer as bad as the receiver wants to hear of.
  const status = transition === "resolve" || !severities.includes(severity) ? "resolved" : "firing";
  const more = droneIds.length > DRONES_MAX ? `,+${droneIds.length - DRONES_MAX}` : "";
  const labels = {
    alertname: kind,
    severity,
    alert: `${alertId}`,
    ...droneIds.length > 0 && { drones: `${droneIds.slice(0, DRONES_MAX).join(",")}${more}` },
    ...detail !== "" && { detail },
  };
  const annotations = {
    summary: message,
    transition,
    revision: `${alert.revision}`,
    ...alert.acknowledgedBy !== null && { acknowledgedBy: alert.acknowledgedBy },
  };
  return {
    version: "4",
    groupKey: `{}:{alert="${alertId}", journal="${journal}"}`,
    truncatedAlerts: 0,
    status,
    receiver,
    groupLabels: { alertname: kind },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: consoleUrl,
    alerts: [{
      status,
      labels,
      annotations,
      startsAt: timeOf(raisedTimeUs),
      endsAt: status === "resolved" ? timeOf(changedTimeUs) : NEVER,
      generatorURL: consoleUrl,
      fingerprint: fingerprintOf({ journal, alertId }),
    }],
  };
}

/** The same for all that is told of one alert, also when its severity is another. */
function fingerprintOf({ journal, alertId }: Pick<Change, "journal" | "alertId">): string {
  return createHash("sha256").update(`${journal}/${alertId}`).digest("hex").slice(0, 16);
}
