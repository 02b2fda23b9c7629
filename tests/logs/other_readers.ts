// What others read in a log: pyulog and pymavlink, where tests/with/pyulog.sh and tests/with/pymavlink.sh have installed them and
// PYTHONPATH leads to them.
import { Command } from "../e2e/command.ts";

/** One message, as another reader has it; null: no number. */
export interface Read {
  name: string;
  instance: number;
  values: Record<string, number | boolean | null>;
}

const READER = new URL("./read.py", import.meta.url).pathname;

export const hasPyulog = await new Command("python3", ["-c", "import pyulog"]).succeeds();

/** @param copy a file in which pyulog writes what it has read */
export async function readByOthers(file: string, copy?: string): Promise<Read[]> {
  const args = [READER, file, ...copy === undefined ? [] : [copy]];
  const { code, stdout, stderr } = await new Command("python3", args).output();
  if (code !== 0) throw new Error(`Cannot read ${file} by others: ${stderr}`);
  return parseRead(stdout);
}

/** @param lines as read.py prints them */
export function parseRead(lines: string): Read[] {
  return lines.trim().split("\n").map((line) => JSON.parse(line));
}
