// Who asks, what they change, and the record of it.
import { z } from "zod";
import { describing, json, operation, wholeNumber } from "../../../platform/openapi/operation.ts";
import type { SettingChange } from "../../outputs.ts";
import type { LossView } from "../../batch/losses.ts";
import type { AuditView, QuarantinedView } from "../../sinks/history.ts";
import { by } from "./alerts.ts";
import { limit, LOOKED_UP } from "./windows.ts";

const whole = z.int();

const Session = z.object({
  uri: z.string(),
  name: z.string(),
  actions: z.array(z.string()).meta({ description: "What they may do" }),
  expiresUs: z.number().nullable(),
  isOpen: z.boolean().meta({ description: "Nobody must prove anything here" }),
}).meta({ id: "Session" });

export const readSession = operation({
  ...{ method: "get", path: "/v1/session", id: "readSession", tag: "People", action: "view" },
  summary: "Who asks, and what they may do",
  answers: { 200: json("They", Session) },
});

export const signIn = operation({
  ...{ method: "post", path: "/v1/session", id: "signIn", tag: "People", ownPageOnly: true },
  summary: "Puts a token into a cookie that no script can read",
  body: z.object({
    // Whatever else it may be, a header must be able to have it.
    token: z.string({ error: "must be a token" }).trim().regex(/^[\x21-\x7e]+$/, "must be a token"),
  }),
  answers: { 200: json("They, with `set-cookie` where something must be proven", Session) },
  errors: {
    401: "The token is not believed",
    403: "Nobody who may view, or a page of another origin asks",
    429: "Too many proofs of this address failed; see `retry-after`",
  },
});

export const signOut = operation({
  ...{ method: "delete", path: "/v1/session", id: "signOut", tag: "People", ownPageOnly: true },
  summary: "Takes the cookie away; the token itself is good until its end",
  answers: { 204: { about: "It is gone" } },
});

const Setting = z.object({
  name: z.string().meta({ description: "The unit ends it" }),
  value: z.number(),
  default: z.number(),
  min: z.number(),
  max: z.number(),
  about: z.string(),
}).meta({ id: "Setting" });

export const listSettings = operation({
  ...{ method: "get", path: "/v1/settings", id: "listSettings", tag: "People", action: "view" },
  summary: "Those that may be changed while it runs",
  answers: { 200: json("The settings", z.object({ settings: z.array(Setting) })) },
});

const Change = describing<SettingChange>()(z.object({ name: z.string(), before: z.number(), after: z.number() }));
const Changed = z.object({ by: z.string(), changes: z.array(Change) });

export const changeSettings = operation({
  ...{ method: "patch", path: "/v1/settings", id: "changeSettings", tag: "People" },
  ...{ action: "operate", ownPageOnly: true },
  summary: "Changes some of them",
  body: z.object({
    by: by("must be who changes them"),
    // What they may be, the pipeline knows. As it was parsed: a copy would lose the name of a prototype, and nobody would be told that
    // it is no setting.
    set: z.custom<Record<string, unknown>>(isRecord, { error: "must be new values by the settings' names" })
      .meta({ type: "object", additionalProperties: { type: "number" }, description: "New values by name" }),
  }).meta({ required: ["by", "set"], example: { by: "Ada", set: { "airspace.warning.radiusM": 60 } } }),
  answers: {
    200: json("What changed; nothing when all were so before", Changed),
    202: json("The same, and it is forgotten if the process ends before it is on disk", Changed),
  },
  errors: { 503: "The journal cannot be written; see `retry-after`" },
});

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const Record = describing<AuditView>()(
  z.object({
    id: whole,
    journal: z.string(),
    seq: whole,
    atUs: whole,
    who: z.string(),
    what: z.string(),
    subject: z.string(),
    before: z.string(),
    after: z.string(),
    hash: z.string().meta({ description: "It holds for all records before it" }),
  }).meta({ id: "AuditRecord", description: "Who did what" }),
);

export const listAudit = operation({
  ...{ method: "get", path: "/v1/audit", id: "listAudit", tag: "People", action: "administer" },
  summary: "Who did what, newest first",
  query: z.object({
    before: wholeNumber("must be a record's id").optional().meta({ description: "Those before this id" }),
    limit: limit(100),
  }),
  answers: { 200: json("The records", z.object({ records: z.array(Record) })) },
  errors: LOOKED_UP,
});

const Loss = describing<LossView>()(z.object({
  edgeId: z.string(),
  session: z.string(),
  timeUs: whole,
  droneId: z.string(),
  bootId: whole,
  firstSeq: whole,
  lastSeq: whole,
  lane: z.string(),
  reason: z.string(),
  records: whole,
}));

const Quarantined = describing<QuarantinedView>()(z.object({
  entry: whole,
  atUs: whole,
  what: z.string(),
  edgeId: z.string(),
  batchId: z.string(),
  records: whole,
  error: z.string(),
}));

export const listLosses = operation({
  ...{ method: "get", path: "/v1/losses", id: "listLosses", tag: "Fleet", action: "view" },
  summary: "The ledger of records that were given up or refused, and what made the pipeline throw",
  query: z.object({ limit: limit(100) }),
  answers: {
    200: json(
      "Newest first",
      z.object({ lostRecords: whole, losses: z.array(Loss), quarantined: z.array(Quarantined) }),
    ),
  },
  errors: LOOKED_UP,
});
