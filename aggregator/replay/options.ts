// What `deno task replay` can be asked for.
import { type Kind, text, type Values } from "../../platform/kinds.ts";
import { type Command, flag, many } from "../../platform/options.ts";
import { numberNames, numberOf, setNumber } from "../pipeline/named.ts";
import { PIPELINE_DEFAULTS, type PipelineSettings } from "../pipeline/pipeline.ts";

const OPTIONS = {
  journal: text({ fallback: "data/journal", placeholder: "DIR", about: "the journal's folder" }),
  from: time({
    fallback: 0,
    shown: "the journal's beginning",
    about: "outputs from this ingestion time on: ISO 8601 or Unix µs",
  }),
  to: time({ fallback: Infinity, shown: "the journal's end", about: "up to and without this time" }),
  out: text({
    ...{ fallback: null, placeholder: "FILE", shown: "prints them" },
    about: "writes the outputs there, a JSON object a line",
  }),
  diff: flag("compares with what was emitted live, and prints the differences instead of the outputs"),
  sqlite: text({ fallback: "data/slipstream.sqlite", placeholder: "FILE", about: "where that was kept" }),
  set: many(assignment("another setting of the pipeline, such as battery.lowCpct=3000; may be repeated")),
};

/** The command line of `deno task replay`. */
export const REPLAY: Command<typeof OPTIONS> = {
  name: "deno task replay",
  about: "Runs the journal through a pipeline of its own; a running aggregator is not disturbed.",
  options: OPTIONS,
  rules: ({ from, to }) => from < to ? [] : ["--from: must be before --to"],
};

export interface ReplayOptions {
  journal: string;
  sqlite: string;
  fromUs: number;
  toUs: number;
  out: string | null;
  diff: boolean;
  settings: PipelineSettings;
  /** Names of settings that are not those of the live run: nothing in the journal changes them. */
  fixed: ReadonlySet<string>;
}

/** A replay with the settings that were asked for. */
export function replayOptions({ from, to, set, ...others }: Values<typeof OPTIONS>): ReplayOptions {
  const settings = structuredClone(PIPELINE_DEFAULTS);
  for (const assigned of set) setNumber(settings, assigned);
  return { ...others, fromUs: from, toUs: to, settings, fixed: new Set(set.map(({ name }) => name)) };
}

/** Unix µs. */
function time({ fallback, shown, about }: { fallback: number; shown: string; about: string }): Kind<number> {
  return {
    ...{ fallback, shown, about, placeholder: "TIME" },
    read: (text) => {
      const value = /^\d+$/.test(text) ? Number(text) : Date.parse(text) * 1000;
      return Number.isNaN(value) ? { must: "be ISO 8601 or Unix µs" } : { value };
    },
  };
}

/** NAME=VALUE, of a number among the pipeline's settings. */
function assignment(about: string): Kind<{ name: string; value: number } | null> {
  return {
    ...{ about, placeholder: "NAME=VALUE", shown: "", fallback: null },
    read: (text) => {
      const [name = "", value = ""] = text.split("=");
      if (numberOf(PIPELINE_DEFAULTS, name) === null) {
        return { must: `set one of ${numberNames(PIPELINE_DEFAULTS).join(", ")}` };
      }
      const isNumber = value.trim() !== "" && Number.isFinite(Number(value));
      return isNumber ? { value: { name, value: Number(value) } } : { must: "have a number as its value" };
    },
  };
}
