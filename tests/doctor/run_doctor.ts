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

/** A machine that runs all tests at once is overloaded now and then: then the doctor says so, rightly, and looks again. */
const LOOKS_MAX = 10;

export async function theDoctor(of: { edge?: string; aggregator?: string }, args: string[] = []): Promise<Told> {
  const places = Object.entries(of).flatMap(([option, url]) => [`--${option}`, url]);
  for (let looks = 1;; looks++) {
    const told = await runToEnd([
      "run",
      "-A",
      "--quiet",
      "deploy/doctor/main.ts",
      "--disk-mib",
      "1",
      ...places,
      ...args,
    ]);
    const lines = told.stdout.trimEnd().split("\n");
    const problems = lines.filter((line) => line.startsWith("wrong"));
    if (looks === LOOKS_MAX || !problems.some((line) => /^wrong +load /.test(line))) {
      return { ...told, lines, problems };
    }
  }
}
