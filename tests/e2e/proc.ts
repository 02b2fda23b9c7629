// What Linux knows of a process; elsewhere not a number.

const TICK_US = 10_000;

/** User and system time of all its threads. */
export async function cpuUs(pid: number): Promise<number> {
  if (Deno.build.os !== "linux") return NaN;
  const fields = (await Deno.readTextFile(`/proc/${pid}/stat`)).split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

/** Memory that it has, in KiB. */
export async function rssKib(pid: number): Promise<number> {
  if (Deno.build.os !== "linux") return NaN;
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(await Deno.readTextFile(`/proc/${pid}/status`))?.[1]);
}
