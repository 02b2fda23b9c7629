// Commands that are run to their end.

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** `env`: all that it has. */
export async function run(
  command: string,
  { args, cwd, env }: { args: string[]; cwd?: string; env?: Record<string, string> },
): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    ...{ args, stdin: "null", stdout: "piped", stderr: "piped" },
    ...cwd !== undefined && { cwd },
    ...env && { env, clearEnv: true },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
