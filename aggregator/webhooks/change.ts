// A change of an alert, as it is told to others, and the key by which they know that they have it already.
import type { AlertEvent } from "../outputs.ts";

/** A transition, as the database has it. */
export interface Change {
  /** Its place among all: +1 with each. */
  id: number;
  /** Whose alert it is: numbers of another journal's alerts are others. */
  journal: string;
  alertId: number;
  revision: number;
  /** When it was journalled, Unix µs. */
  atUs: number;
  alert: AlertEvent;
}

/** A change as it goes out. */
export interface Message {
  key: string;
  contentType: string;
  body: string;
}

/** The same for the same change, whenever and however often it is told. */
export function keyOf({ journal, alertId, revision }: Pick<Change, "journal" | "alertId" | "revision">): string {
  return `${journal}_${alertId}_${revision}`;
}

/** RFC 3339, as it is written in JSON. */
export function timeOf(unixUs: number): string {
  return new Date(unixUs / 1000).toISOString();
}
