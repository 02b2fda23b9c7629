// Query parameters and bodies of the API, validated; every problem is named in one message.
import { z } from "zod";
import { EVENT_NAMES } from "../sinks/events.ts";

/** A fleet or zone; one may have an empty name. */
const text = z.string().max(64, "must be at most 64 characters");
const timeUs = z.coerce.number({ error: "must be Unix microseconds" }).int("must be whole Unix microseconds").min(0);
const limit = (fallback: number) => {
  const error = "must be a whole number from 1 to 1000";
  return z.coerce.number({ error }).int(error).min(1, error).max(1000, error).default(fallback);
};

/** Query of /v1/windows; from and to in Unix µs. */
export const WindowsQuery = z.object({
  kind: z.enum(["tumbling", "sliding"], { error: "must be tumbling or sliding" }).default("tumbling"),
  fleet: text.optional(),
  zone: text.optional(),
  from: timeUs.optional(),
  to: timeUs.optional(),
  limit: limit(60),
});

/** Query of /v1/alerts. */
export const AlertsQuery = z.object({
  state: z.enum(["open", "all"], { error: "must be open or all" }).default("open"),
  limit: limit(100),
});

/** Query of /v1/deliveries. */
export const DeliveriesQuery = z.object({
  alert: z.coerce.number({ error: "must be an alert's number" }).int("must be an alert's number").min(0).optional(),
  limit: limit(100),
});

/** Query of /v1/events: which events, all without it. */
export const EventsQuery = z.object({
  only: z.string().transform((names) => names.split(",")).pipe(
    z.array(z.enum(EVENT_NAMES, { error: `must be some of ${EVENT_NAMES.join(",")}` })),
  ).optional(),
});

/** Query of /v1/audit. */
export const AuditQuery = z.object({
  before: z.coerce.number({ error: "must be a record's id" }).int("must be a record's id").min(0).optional(),
  limit: limit(100),
});

/** Query of lists that have nothing but a limit. */
export const LimitQuery = z.object({ limit: limit(100) });

/** Path of an acknowledgement. */
export const AcknowledgeParam = z.object({
  id: z.coerce.number({ error: "must be an alert's number" }).int("must be an alert's number").min(0),
});

/** Path of an erasure. */
export const EraseParam = z.object({ id: z.string().min(1).max(64, "must be at most 64 characters") });

const by = (must: string) =>
  z.string({ error: must }).trim().min(1, must).max(64, "must be at most 64 characters")
    // As the journal will have it.
    .transform((text) => text.toWellFormed());

/** Body of an erasure. */
export const EraseBody = z.object({ by: by("must be who wants it") });

/** Body of an acknowledgement. */
export const AcknowledgeBody = z.object({ by: by("must be who acknowledges") });

/** Body of a change of settings; what they may be, the pipeline knows. */
export const SettingsBody = z.object({
  by: by("must be who changes them"),
  set: z.custom<Record<string, unknown>>(isRecord, { error: "must be new values by the settings' names" }),
});

/** Body of a sign-in. */
export const SessionBody = z.object({
  // Whatever else it may be, a header must be able to have it.
  token: z.string({ error: "must be a token" }).trim().regex(/^[\x21-\x7e]+$/, "must be a token"),
});

// As it was parsed: a copy would lose the name of a prototype, and nobody would be told that it is no setting.
function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As `parse`, of JSON. */
export function parseJson<T extends z.ZodType>(schema: T, json: string): { value: z.output<T> } | { error: string } {
  try {
    return parse(schema, JSON.parse(json));
  } catch (error) {
    // What the parser says has a piece of the text in it, which may be somebody's token.
    if (error instanceof SyntaxError) return { error: "Cannot read the request: it is no JSON" };
    throw error;
  }
}

/** The parsed value, or one sentence with everything that is wrong. */
export function parse<T extends z.ZodType>(schema: T, input: unknown): { value: z.output<T> } | { error: string } {
  const { success, data, error } = schema.safeParse(input);
  if (success) return { value: data };
  const problems = error.issues.map(({ path, message }) => path.length > 0 ? `${path.join(".")} ${message}` : message);
  return { error: `Cannot read the request: ${problems.join("; ")}` };
}
