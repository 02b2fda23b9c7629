// Somebody has seen an alert, as an audit record tells it.
import type { Deed } from "./record.ts";

export function acknowledgement({ alertId, by }: { alertId: number; by: string }): Deed {
  return { who: by, what: "acknowledge alert", subject: `${alertId}`, before: "open", after: "acknowledged" };
}
