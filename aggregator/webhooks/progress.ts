// How far one receiver has been told, and what has become of it: what the database keeps, and what people see.
import type { WebhookSettings } from "./settings.ts";

/** What the database keeps: a restart goes on from here. */
export interface Progress {
  /** Changes up to this one were looked at. */
  seenId: number;
  /** Of those the ones that are still to be told. */
  openIds: number[];
}

/** Why changes were given up: `refused` and `expired` by the receiver's answers, `gone` as the database has them no more. */
export type GivenUp = "refused" | "expired" | "gone";

/** Changes that will not be told. */
export interface DeadLetter {
  reason: GivenUp;
  /** The first of them, and how many; several only where the database has them no more. */
  firstId: number;
  changes: number;
  /** Of one: its key; empty where nobody knows it. */
  key: string;
  /** What the receiver said last. */
  why: string;
}

/** By what became of attempts, and of changes that were given up. */
export type Counts = Record<"delivered" | "refused" | "failed", number> & { dead: Record<GivenUp, number> };

/** What a courier tells now and then; counts are those since it told before. */
export interface Report {
  name: string;
  progress: Progress;
  counts: Counts;
  dead: DeadLetter[];
  /** Changes behind those that were looked at, and those that are still to be told. */
  waiting: number;
  /** Unix µs of the oldest that waits; null: none does. */
  oldestUs: number | null;
  /** Why the last attempt failed; null: it did not. */
  trouble: string | null;
}

/** A receiver as people see it: where its address leads in full may be a secret. */
export interface WebhookView extends Pick<Report, "name" | "counts" | "waiting" | "oldestUs" | "trouble"> {
  origin: string;
  format: WebhookSettings["format"];
}

export function noCounts(): Counts {
  return { delivered: 0, refused: 0, failed: 0, dead: { refused: 0, expired: 0, gone: 0 } };
}

/** Adds what was counted elsewhere. */
export function addCounts(to: Counts, { dead, ...counts }: Counts): void {
  for (const outcome of ["delivered", "refused", "failed"] as const) to[outcome] += counts[outcome];
  for (const reason of ["refused", "expired", "gone"] as const) to.dead[reason] += dead[reason];
}
