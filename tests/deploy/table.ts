// What a check found, for people.
import { aligned } from "../../platform/options.ts";
import type { Checked } from "./check.ts";
import type { Round } from "./round.ts";
import type { Upload } from "./upload.ts";

export function tableOf({ files, bytes, gzipBytes, block }: Upload, checked: readonly Checked[]): string {
  return [
    `upload: ${files.length} files, ${kib(bytes)} KiB, ${kib(gzipBytes)} KiB gzipped; ${block.runtime.entrypoint}`,
    ...checked.flatMap((one) => ["", ...linesOf(one, block.runtime.memoryLimit)]),
  ].join("\n");
}

function linesOf(checked: Checked, limitMb: number): string[] {
  const { deno, coldStartMs, memory, rounds, problems } = checked;
  return [
    `Deno ${deno}`,
    ...aligned([
      ["files written", writtenText(checked)],
      ["start to first verdict", `${coldStartMs} ms`],
      [
        "memory",
        `${memory.mib} MiB with ${memory.connections} connections, ${memory.idleMib} without (limit ${limitMb})`,
      ],
      ...rounds.map((round): [string, string] => [`evicted by ${round.signal}`, roundText(round)]),
      ...problems.map(({ name, text }): [string, string] => [`WRONG: ${name}`, text]),
    ]),
  ];
}

function writtenText({ isReadOnly, problems }: Checked): string {
  if (problems.some(({ name }) => name === "write-to-disk")) return "see below";
  return isReadOnly ? "none: nothing could be written to" : "none: all files are as they were";
}

function roundText({ sent, acknowledged, lost, doubled, moved, movedMs, endedMs }: Round): string {
  const left = movedMs === null ? "not all drones found another isolate" : `${moved} drones moved on in ${movedMs} ms`;
  return `${sent} records sent, ${acknowledged} acknowledged, ${lost} of them lost, ${doubled} doubled; ${left}; ended after ${endedMs} ms`;
}

function kib(bytes: number): number {
  return Math.round(bytes / 1024);
}
