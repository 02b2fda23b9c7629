// Logs as files, for as long as someone reads them.

/** What `read` makes of a file that has these bytes. */
export async function withFile<T>(bytes: Uint8Array, read: (file: string) => Promise<T>, suffix = ".ulg"): Promise<T> {
  const file = await Deno.makeTempFile({ suffix });
  try {
    await Deno.writeFile(file, bytes);
    return await read(file);
  } finally {
    await Deno.remove(file);
  }
}
