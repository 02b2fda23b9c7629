// The log of a process: one line for each thing that somebody should know, as text for people or as JSON for programs. What
// others have sent must not look like another line, nor turn what stands around it; and a flood of lines is cut and counted.
import { Allowance } from "./allowance.ts";
import { oneOf } from "./kinds.ts";
import { jsonLine, logLine } from "./log_line.ts";
import { idsOf } from "./tracing.ts";

/** From what one should hear about to what ends the process. */
const LEVELS = ["info", "warn", "error"] as const;
const FORMATS = ["text", "json"] as const;
export type Level = (typeof LEVELS)[number];
export type LogFormat = (typeof FORMATS)[number];

/** Tells something; `trace`: of which it is part. */
export type Log = (level: Level, message: string, trace?: Uint8Array | null) => void;

export interface LogSettings {
  format: LogFormat;
  /** What is less than this is not told. */
  level: Level;
}

export interface LogParts extends LogSettings {
  /** Of the process. */
  name: string;
  write: (line: string) => void;
  /** Unix ms. */
  now: () => number;
  /** Monotonic ms. */
  clock: () => number;
  /** Runs `fn` once after `ms`. */
  after: (ms: number, fn: () => void) => void;
}

/** By variable. */
export const LOG_SETTINGS = {
  SLIPSTREAM_LOG: oneOf(FORMATS, {
    ...{ fallback: null, placeholder: FORMATS.join("|"), shown: "json but on a terminal" },
    about: "how the log is written",
  }),
  SLIPSTREAM_LOG_LEVEL: oneOf(LEVELS, {
    ...{ fallback: "info", placeholder: LEVELS.join("|") },
    about: "the least that it tells",
  }),
};

export const LOG_DEFAULTS: LogSettings = { format: "text", level: "info" };

const ALLOWED = { burst: 200, perS: 20 };
/** After which it is told how many lines are missing. */
const MISSING_MS = 1000;

/** As they were set; where nothing is said, people read a terminal, and programs all else. */
export function logSettings(
  { logFormat, logLevel: level }: { logFormat: LogFormat | null; logLevel: Level },
  { isTerminal }: { isTerminal: boolean },
): LogSettings {
  return { format: logFormat ?? (isTerminal ? "text" : "json"), level };
}

/** The log of one process. Lines beyond what is allowed are not written but counted; what is an error always is written. */
export function openLog({ level: least, write, clock, after, ...parts }: LogParts): Log {
  const allowance = new Allowance(ALLOWED);
  let tells = false;
  const say = (level: Level, message: string, trace?: Uint8Array | null) =>
    write(lineOf({ level, message, trace }, parts));
  const tellMissing = () => {
    tells = false;
    say("warn", `${allowance.takeDenied()} lines were not written: too many came at once`);
  };
  return (level, message, trace) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    if (level === "error" || allowance.take(clock())) return say(level, message, trace);
    if (!tells) after(MISSING_MS, tellMissing);
    tells = true;
  };
}

/** What whoever started a process waits for, as it is printed: of text, the message alone. */
export function announced(message: string, { format, ...of }: Pick<LogParts, "format" | "name" | "now">): string {
  return format === "text" ? logLine(message) : jsonOf({ level: "info", message }, of);
}

interface Said {
  level: Level;
  message: string;
  trace?: Uint8Array | null;
}

function lineOf(said: Said, { format, name, now }: Pick<LogParts, "format" | "name" | "now">): string {
  if (format === "json") return jsonOf(said, { name, now });
  const ids = said.trace && idsOf(said.trace);
  return `${name} ${said.level}: ${logLine(said.message)}${ids ? ` (trace ${ids.traceId})` : ""}`;
}

function jsonOf({ level, message, trace }: Said, { name, now }: Pick<LogParts, "name" | "now">): string {
  const ids = trace && idsOf(trace);
  return jsonLine({ time: new Date(now()).toISOString(), level, process: name, message, ...ids });
}
