// Programs of others that read certificates and lists, where they are installed.

export const hasOpenssl = await has("openssl", ["version"]);
export const hasCurl = await has("curl", ["--version"]);
export const hasPython = await has("python3", ["-c", "import ssl"]);
export const hasGo = await has("go", ["version"]);

async function has(command: string, args: string[]): Promise<boolean> {
  try {
    return (await tool(command, args)).code === 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Runs one to its end; `input` is what it reads. */
export async function tool(
  command: string,
  args: string[],
  { input = "" } = {},
): Promise<{ code: number; out: string; err: string }> {
  const child = new Deno.Command(command, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  // Who has read enough may be gone.
  await writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}
