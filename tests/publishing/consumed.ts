// What clients that share no code with a sink find where it publishes: scripts in Python beside each test, with tally.py.
import { Command } from "../e2e/command.ts";

export interface Consumed {
  topics: Record<
    "telemetry" | "metrics" | "alerts" | "losses",
    { messages: number; doubled: number; disorder: number }
  >;
  /** Distinct records, as DRONE/BOOT/SEQ. */
  records: string[];
  /** All of them. */
  counted: number;
  /** Of topics or subjects, each once. */
  names: string[];
}

/**
 * Runs a script in Python.
 * @param packages the folder in which its packages are, if not where Python looks anyway
 * @param onOutput it has printed something
 * @returns all that it prints
 */
export async function runPython(
  script: URL,
  { packages, args, onOutput }: { packages?: string; args: string[]; onOutput?: () => void },
): Promise<string> {
  const paths = [...packages ? [packages] : [], new URL(".", import.meta.url).pathname];
  const program = [
    "-c",
    `import sys; sys.path[:0] = ${JSON.stringify(paths)}; sys.argv[0] = "it"; exec(open(${
      JSON.stringify(script.pathname)
    }).read())`,
  ];
  const { code, stdout, stderr } = await new Command("python3", [...program, ...args]).output("", onOutput);
  if (code !== 0) throw new Error(`Cannot read what was published: ${stderr}`);
  return stdout;
}
