// Kinds of what people set, in the environment or on a command line: how its text is read, what it must be, and what holds
// when nothing is said. Settings and options are tables of these; what is read and what the help says come from one place.
import { isIP } from "./ip.ts";

/** One setting or option. */
export interface Kind<Value> {
  /** For the help: what it is, what stands for its value there, and what holds when nothing is said. */
  about: string;
  placeholder: string;
  shown: string;
  /** What holds when nothing is said. */
  fallback: Value;
  /** Its value is told to nobody, and recorded nowhere. */
  isSecret?: true;
  /** The value that a text stands for, or what it must be: as in "must be …". */
  read: (text: string) => { value: Value } | { must: string };
}

/** What a table of kinds gives. */
export type Values<Kinds> = { [Name in keyof Kinds]: Kinds[Name] extends Kind<infer Value> ? Value : never };

interface Described {
  about: string;
  placeholder?: string;
  /** Without it, the fallback as text. */
  shown?: string;
}

interface Bounded<Fallback> extends Described {
  fallback: Fallback;
  min?: number;
  max?: number;
}

/** A whole number within bounds, both included; 1 to 1e9 unless it is said. */
export function whole<Fallback extends number | null>(
  { min = 1, max = 1e9, ...described }: Bounded<Fallback>,
): Kind<number | Fallback> {
  return bounded({ ...described, min, max, isWhole: true });
}

/** A number within bounds, both included. */
export function number<Fallback extends number | null>(
  { min = -Infinity, max = Infinity, ...described }: Bounded<Fallback>,
): Kind<number | Fallback> {
  return bounded({ ...described, min, max, isWhole: false });
}

function bounded<Fallback extends number | null>(
  { fallback, about, placeholder = "N", shown = `${fallback ?? ""}`, min, max, isWhole }:
    & Required<Pick<Bounded<Fallback>, "fallback" | "min" | "max">>
    & Described
    & { isWhole: boolean },
): Kind<number | Fallback> {
  const must = `be a ${isWhole ? "whole " : ""}number ${rangeText(min, max)}`;
  return {
    ...{ about, placeholder, shown, fallback },
    read: (text) => {
      const value = text.trim() === "" ? NaN : Number(text);
      return value >= min && value <= max && (!isWhole || Number.isInteger(value)) ? { value } : { must };
    },
  };
}

function rangeText(min: number, max: number): string {
  return max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`;
}

/** Any text, or one that `fits`; `must`: what it must be then, as in "be a ws:// URL". */
export function text<Fallback extends string | null | undefined>(
  { fallback, about, placeholder = "TEXT", shown = fallback ?? "", fits = () => true, must = "be something else" }:
    & Described
    & { fallback: Fallback; fits?: (text: string) => boolean; must?: string },
): Kind<string | Fallback> {
  return { about, placeholder, shown, fallback, read: (value) => fits(value) ? { value } : { must } };
}

/** A word that can stand in a path or a label. */
export function name<Fallback extends string | null>(
  described: Described & { fallback: Fallback },
): Kind<string | Fallback> {
  const fits = (word: string) => /^[\w.-]{1,64}$/.test(word);
  return text({ placeholder: "NAME", ...described, fits, must: "be 1 to 64 letters, digits, dots, dashes" });
}

/** One of few. */
export function oneOf<Choice extends string, Fallback extends Choice | null>(
  choices: readonly Choice[],
  { fallback, about, placeholder = "NAME", shown = fallback ?? "" }: Described & { fallback: Fallback },
): Kind<Choice | Fallback> {
  const must = `be one of ${choices.join(", ")}`;
  return {
    ...{ about, placeholder, shown, fallback },
    read: (word) => {
      const value = choices.find((choice) => choice === word);
      return value === undefined ? { must } : { value };
    },
  };
}

/** 1 or 0. */
export function onOff({ about, fallback }: { about: string; fallback: boolean }): Kind<boolean> {
  return {
    ...{ about, fallback, placeholder: "0|1", shown: fallback ? "1" : "0" },
    read: (text) => text === "0" || text === "1" ? { value: text === "1" } : { must: "be 0 or 1" },
  };
}

/** Several with commas between, each of which `fits`; spaces and what is empty do not count. */
export function list<Fallback extends string[] | null>(
  { fallback, about, placeholder = "NAME,…", shown = fallback?.join(",") ?? "", fits = () => true, must = "be a list" }:
    & Described
    & { fallback: Fallback; fits?: (item: string) => boolean; must?: string },
): Kind<string[] | Fallback> {
  return {
    ...{ about, placeholder, shown, fallback },
    read: (text) => {
      const value = text.split(",").map((item) => item.trim()).filter((item) => item !== "");
      return value.every(fits) ? { value } : { must };
    },
  };
}

/** Where to listen. */
export function hostName(described: Described & { fallback: string }): Kind<string> {
  const fits = (host: string) => host === "localhost" || isIP(host) !== 0;
  return text({ placeholder: "HOST", ...described, fits, must: "be localhost or an IP address" });
}

/** A WebSocket's address. */
export function isWebSocketUrl(url: string): boolean {
  return /^wss?:$/.test(URL.parse(url)?.protocol ?? "");
}

export function webSocketUrl(described: Described & { fallback: string }): Kind<string> {
  return text({ placeholder: "URL", ...described, fits: isWebSocketUrl, must: "be a ws:// or wss:// URL" });
}

/** A TCP port; 0: any that is free. */
export function port(described: Described & { fallback: number }): Kind<number> {
  return whole({ placeholder: "PORT", ...described, min: 0, max: 65_535 });
}
