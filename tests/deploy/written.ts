// Whether anything was written: files where a process may think that it can, before and after.
import { join, relative } from "node:path";
import type { Site } from "./site.ts";

/** Path → what tells that it has changed. */
export type Snapshot = ReadonlyMap<string, string>;

/** Of the upload, the home, and the folder for what passes. */
export async function snapshot({ upload, env }: Site): Promise<Snapshot> {
  const found = new Map<string, string>();
  for (const root of [upload.folder, env.HOME!, env.TMPDIR!]) await look(root, { root, found });
  return found;
}

/** Files that are new, gone or changed. */
export function changes(before: Snapshot, after: Snapshot): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
}

async function look(folder: string, { root, found }: { root: string; found: Map<string, string> }): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) await look(path, { root, found });
    const { size, mtime } = await Deno.lstat(path);
    found.set(relative(join(root, ".."), path), isDirectory ? "folder" : `${size} ${mtime?.getTime()}`);
  }
}
