// pymavlink, where tests/with/pymavlink.sh has installed it and PYTHONPATH leads to it.

const READER = new URL("./read.py", import.meta.url).pathname;

export const hasPymavlink = await has();

async function has(): Promise<boolean> {
  try {
    const args = ["-c", "import pymavlink"];
    return (await new Deno.Command("python3", { args, stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The messages that it reads in these bytes; with a key those that are signed with it. */
export async function readByPymavlink(
  bytes: Uint8Array<ArrayBuffer>,
  key: Uint8Array | null,
): Promise<Record<string, unknown>[]> {
  const hex = key && Array.from(key, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const args = [READER, ...(hex === null ? [] : [hex])];
  const child = new Deno.Command("python3", { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(bytes);
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`Cannot read by pymavlink: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout).trim().split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}
