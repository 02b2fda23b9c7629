// Headers by which a receiver knows who tells it something, when, and whether it has it already: those of Standard Webhooks, and
// the key once more where servers look for it.
import { createHmac } from "node:crypto";
import type { Message } from "./change.ts";

/** `unixS`: now, whole seconds. */
export function headersOf(
  { key, contentType, body }: Message,
  { secrets, unixS }: { secrets: readonly Uint8Array<ArrayBuffer>[]; unixS: number },
): Record<string, string> {
  const signed = `${key}.${unixS}.${body}`;
  const signatures = secrets.map((secret) => `v1,${createHmac("sha256", secret).update(signed).digest("base64")}`);
  return {
    "content-type": contentType,
    "webhook-id": key,
    "webhook-timestamp": `${unixS}`,
    "webhook-signature": signatures.join(" "),
    "idempotency-key": `"${key}"`,
  };
}
