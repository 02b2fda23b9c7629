// Where alerts are told to: a file of JSON that an operator writes. All that is wrong with it is told at once.
import { z } from "zod";
import { ALERT_KINDS, type AlertEvent, type AlertKindName } from "../outputs.ts";

/** One receiver; units stand in the names. */
export interface WebhookSettings {
  /** By which it is known in metrics, the API and the database. */
  name: string;
  url: string;
  format: "alertmanager" | "cloudevents";
  /** Each signs: while one takes the place of another, a receiver may know either. */
  secrets: Uint8Array<ArrayBuffer>[];
  /** PEM of those who sign for the receiver; null: those whom the system knows. */
  caPem: string | null;
  /** Alerts of other kinds are not told. */
  kinds: AlertKindName[];
  severities: AlertEvent["severity"][];
  /** Whether it is told again, from time to time, of what is open. */
  reminders: boolean;
  /** Requests at a time. */
  concurrency: number;
  timeoutMs: number;
  /** The longest pause between two attempts. */
  pauseMsMax: number;
  /** A change that is older when an attempt fails is given up. */
  giveUpMs: number;
  /** A change that is refused so often is given up. */
  refusalsMax: number;
}

/** All receivers, and where people look at what they are told. */
export interface WebhooksFile {
  /** Of the console, for links; empty: nobody has said. */
  consoleUrl: string;
  webhooks: WebhookSettings[];
}

const SEVERITIES = ["warning", "critical"] as const;
const WEBHOOKS_MAX = 32;
/** Of a secret, as Standard Webhooks has it. */
const SECRET_BYTES = { min: 24, max: 64 };
const SECRET = "must be whsec_ and 24 to 64 bytes in base64";

const whole = ({ min, max, fallback }: { min: number; max: number; fallback: number }) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.number({ error }).int(error).min(min, error).max(max, error).default(fallback);
};
const address = z.string({ error: "must be an http:// or https:// URL" }).refine(isAddress, {
  error: "must be an http:// or https:// URL without a password or a fragment in it",
});
const path = z.string({ error: "must be the path of a file" }).min(1);

const Webhook = z.strictObject({
  name: z.string({ error: "must be a name" }).regex(/^[\w.-]{1,64}$/, "must be 1 to 64 letters, digits, dots, dashes"),
  url: address,
  format: z.enum(["alertmanager", "cloudevents"], { error: "must be alertmanager or cloudevents" })
    .default("alertmanager"),
  secret: z.string({ error: SECRET }).optional(),
  secretFile: path.optional(),
  caFile: path.optional(),
  kinds: z.array(z.enum(ALERT_KINDS, { error: `must be some of ${ALERT_KINDS.join(", ")}` })).min(1).default([
    ...ALERT_KINDS,
  ]),
  severities: z.array(z.enum(SEVERITIES, { error: "must be warning or critical" })).min(1).default([...SEVERITIES]),
  reminders: z.boolean({ error: "must be true or false" }).default(false),
  concurrency: whole({ min: 1, max: 32, fallback: 4 }),
  timeoutS: whole({ min: 1, max: 60, fallback: 10 }),
  pauseS: whole({ min: 1, max: 3600, fallback: 60 }),
  giveUpS: whole({ min: 1, max: 7 * 86_400, fallback: 86_400 }),
  refusals: whole({ min: 1, max: 100, fallback: 5 }),
});

const File = z.strictObject({
  console: address.optional(),
  webhooks: z.array(Webhook, { error: "must be a list" }).max(WEBHOOKS_MAX, `must be at most ${WEBHOOKS_MAX}`),
});

/** Reads the file, and those that it names. @throws {TypeError} naming everything that is wrong */
export function readWebhooks(path: string, readText: (path: string) => string): WebhooksFile {
  const cannot = (problems: readonly string[]): never => {
    throw new TypeError(`Cannot read webhooks from ${path}: ${problems.join("; ")}`);
  };
  const problems: string[] = [];
  const read = (file: string) => {
    try {
      return readText(file);
    } catch (error) {
      problems.push(`${file} cannot be read: ${error instanceof Error ? error.message : error}`);
      return "";
    }
  };
  const { success, data, error } = File.safeParse(jsonOf(read(path)));
  if (problems.length > 0) return cannot(problems);
  if (!success) return cannot(error.issues.map(({ path, message }) => `${path.join(".") || "it"} ${message}`));
  const webhooks = data.webhooks.map((webhook, i): WebhookSettings => {
    const { secret, secretFile, caFile, timeoutS, pauseS, giveUpS, refusals, ...rest } = webhook;
    const secrets = [
      ...secret === undefined ? [] : [secret],
      ...secretFile === undefined ? [] : linesOf(read(secretFile)),
    ];
    const bytes = secrets.map(secretBytes);
    if (bytes.length === 0) problems.push(`webhooks.${i} must have a secret, or a secretFile with one on each line`);
    if (bytes.includes(null)) problems.push(`webhooks.${i}: a secret ${SECRET}`);
    return {
      ...rest,
      secrets: bytes.filter((secret) => secret !== null),
      caPem: caFile === undefined ? null : read(caFile),
      timeoutMs: timeoutS * 1000,
      pauseMsMax: pauseS * 1000,
      giveUpMs: giveUpS * 1000,
      refusalsMax: refusals,
    };
  });
  const names = webhooks.map(({ name }) => name);
  for (const name of new Set(names.filter((name, i) => names.indexOf(name) !== i))) {
    problems.push(`two webhooks are named ${name}`);
  }
  return problems.length > 0 ? cannot(problems) : { consoleUrl: data.console ?? "", webhooks };
}

/** As the file may be no JSON: then it is nothing that is right. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "" &&
    url.hash === "";
}

function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** Null: it is none. */
function secretBytes(text: string): Uint8Array<ArrayBuffer> | null {
  const [, base64 = ""] = /^whsec_([A-Za-z0-9+/]+=*)$/.exec(text) ?? [];
  try {
    const bytes = Uint8Array.fromBase64(base64);
    return bytes.length >= SECRET_BYTES.min && bytes.length <= SECRET_BYTES.max ? bytes : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
