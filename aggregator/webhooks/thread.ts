// What the webhooks' thread is told, and what it tells.
import type { Report } from "./progress.ts";
import type { WebhooksFile } from "./settings.ts";

export type Telling =
  | { what: "begin"; path: string; file: WebhooksFile }
  | { what: "use"; file: WebhooksFile }
  | { what: "close" };
export type Told = { of: "reports"; reports: Report[] } | { of: "close"; reports: Report[] };

/** A thread, as far as it is used here: a Worker. */
export type Thread = Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror">;
