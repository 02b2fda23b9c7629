// What is wrong with an upload, by name.
import type { Ran } from "./run.ts";

export interface Problem {
  name: "import-not-uploaded" | "write-to-disk" | "flag-needed" | "does-not-start" | "broken-promise";
  text: string;
}

const FLAG = /--(?:unstable|allow)-[a-z-]+/;
const READ_ONLY = /Read-only file system|Permission denied|NotCapable: Requires write access/;

/** Why a process ended by itself, out of what it said last; `folder`: where it ran. */
export function whyEnded({ code, stderr }: Pick<Ran, "code" | "stderr">, folder: string): Problem {
  const said = stderr.replaceAll(`file://${folder}/`, "").trim();
  const at = /\bat (?:.*\()?((?:edge|identity|platform|proto|wasm)\/[\w./-]+:\d+)/.exec(said)?.[1] ?? "somewhere";
  const flag = FLAG.exec(said)?.[0];
  if (flag !== undefined) return { name: "flag-needed", text: `${at} needs ${flag}, and no flag can be given` };
  if (READ_ONLY.test(said)) return { name: "write-to-disk", text: `${at} writes to disk: ${lineOf(said, READ_ONLY)}` };
  return { name: "does-not-start", text: `it ended with exit code ${code}: ${said.slice(-2000)}` };
}

function lineOf(text: string, pattern: RegExp): string {
  return text.split("\n").find((line) => pattern.test(line))?.trim() ?? "";
}
