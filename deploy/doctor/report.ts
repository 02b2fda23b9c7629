// What was found, for people and for programs.
import { oneLine } from "../../platform/one_line.ts";
import type { Finding } from "./finding.ts";

/** One line each. */
export function linesOf(findings: readonly Finding[]): string[] {
  const checkWidth = Math.max(...findings.map(({ check }) => check.length));
  return findings.map(({ check, of, state, said, mend }) =>
    oneLine(`${state.padEnd(7)} ${check.padEnd(checkWidth)} ${of}: ${said}${mend === undefined ? "" : `; ${mend}`}`)
  );
}

export function isHealthy(findings: readonly Finding[]): boolean {
  return findings.every(({ state }) => state !== "wrong");
}

/** As --json prints it. */
export function reportOf(findings: readonly Finding[]): { ok: boolean; findings: readonly Finding[] } {
  return { ok: isHealthy(findings), findings };
}
