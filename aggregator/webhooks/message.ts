// A change in the words that its receiver asked for.
import { alertmanagerOf } from "./alertmanager.ts";
import { type Change, keyOf, type Message, timeOf } from "./change.ts";
import type { WebhookSettings } from "./settings.ts";

export function messageOf(
  change: Change,
  receiver: Pick<WebhookSettings, "name" | "format" | "severities"> & { consoleUrl: string },
): Message {
  const key = keyOf(change);
  switch (receiver.format) {
    case "alertmanager": {
      const body = JSON.stringify(alertmanagerOf(change, receiver));
      return { key, contentType: "application/json", body };
    }
    case "cloudevents":
      return { key, contentType: "application/cloudevents+json", body: JSON.stringify(cloudEventOf(change)) };
  }
}

/** CloudEvents 1.0, structured mode. */
function cloudEventOf(change: Change) {
  const { journal, alertId, alert } = change;
  return {
    specversion: "1.0",
    id: keyOf(change),
    source: `/slipstream/${journal}`,
    type: `slipstream.alert.${alert.transition}.v1`,
    subject: `alert/${alertId}`,
    time: timeOf(alert.changedTimeUs),
    datacontenttype: "application/json",
    data: alert,
  };
}
