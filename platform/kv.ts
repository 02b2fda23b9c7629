// Deno KV databases by their paths.

/** @param path "default": the platform's own. @throws {TypeError} saying why it cannot be opened */
export async function openKv(path: string): Promise<Deno.Kv> {
  // Deno has it only where deno.json, or a flag, asks for it.
  if (!("openKv" in Deno)) throw new TypeError(`Cannot open the KV database ${path}: start Deno with --unstable-kv`);
  try {
    return await Deno.openKv(path === "default" ? undefined : path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause;
    throw new TypeError(`Cannot open the KV database ${path}: ${why}; see SLIPSTREAM_KV`, { cause });
  }
}
