// Programs that others have made, where they are installed.

/** Whether there is such a program. */
export function hasTool(name: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${name}`).isFile;
    } catch {
      return false;
    }
  });
}

/** What it said. @throws {Error} with that when it ends with another code than those */
export async function runTool(
  name: string,
  args: string[],
  { stdin = "", codes = [0], cwd }: { stdin?: string; codes?: number[] | null; cwd?: string } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = new Deno.Command(name, { args, cwd, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  // It may end before it has read it.
  const written = writer.write(new TextEncoder().encode(stdin)).then(() => writer.close()).catch(() => {});
  const { code, stdout, stderr } = await child.output();
  await written;
  const said = { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
  if (codes && !codes.includes(code)) {
    throw new Error(`Cannot run ${name} ${args.join(" ")}: code ${code}\n${said.stdout}${said.stderr}`);
  }
  return said;
}
