// The doctor as it is started, and what it says.
import { runToEnd } from "../e2e/process.ts";

export interface Told {
  code: number;
  stdout: string;
  stderr: string;
  lines: string[];
  /** Those about what is wrong. */
  problems: string[];
}

export async function theDoctor(of: { edge?: string; aggregator?: string }, args: string[] = []): Promise<Told> {
  const places = Object.entries(of).flatMap(([option, url]) => [`--${option}`, url]);
  const told = await runToEnd(["run", "-A", "--quiet", "deploy/doctor/main.ts", "--disk-mib", "1", ...places, ...args]);
  const lines = told.stdout.trimEnd().split("\n");
  return { ...told, lines, problems: lines.filter((line) => line.startsWith("wrong")) };
}
