// Who is told of alerts elsewhere, and what they will not be told.
import { z } from "zod";
import { describing, json, operation } from "../../../platform/openapi/operation.ts";
import type { DeadLetterView } from "../../sinks/history.ts";
import type { WebhookView } from "../../webhooks/progress.ts";
import { limit, LOOKED_UP } from "./windows.ts";

const whole = z.int();

const Webhook = describing<WebhookView>()(
  z.object({
    name: z.string(),
    origin: z.string().meta({ description: "Of its address, which may be a secret in full" }),
    format: z.enum(["alertmanager", "cloudevents"]),
    counts: z.object({
      delivered: whole,
      refused: whole,
      failed: whole,
      dead: z.object({ refused: whole, expired: whole, gone: whole }),
    }).meta({ description: "Since the start: requests, and changes that were given up" }),
    waiting: whole.meta({ description: "Changes of alerts that it has not been told yet" }),
    oldestUs: whole.nullable().meta({ description: "When the oldest of them came" }),
    trouble: z.string().nullable().meta({ description: "Why the last request failed" }),
  }).meta({ id: "Webhook" }),
);

const DeadLetter = describing<DeadLetterView>()(
  z.object({
    webhook: z.string(),
    atUs: whole,
    changes: whole,
    reason: z.string(),
    key: z.string().meta({ description: "Of one; empty where the database has it no more" }),
    why: z.string(),
  }).meta({ id: "DeadLetter", description: "Changes of alerts that a webhook will not be told" }),
);

export const listWebhooks = operation({
  ...{ method: "get", path: "/v1/webhooks", id: "listWebhooks", tag: "Alerts", action: "view" },
  summary: "How far each webhook has been told, and what it will not be told, newest first",
  query: z.object({ limit: limit(100) }),
  answers: { 200: json("They", z.object({ webhooks: z.array(Webhook), deadLetters: z.array(DeadLetter) })) },
  errors: LOOKED_UP,
});
