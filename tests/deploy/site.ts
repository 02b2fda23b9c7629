// An upload where it runs: with one Deno, an empty home, a module cache that the warm-up fills, and a file system
// that nobody can write to.
import { join } from "node:path";
import { type Ran, run } from "./run.ts";
import type { Upload } from "./upload.ts";

export interface Site {
  /** The binary. */
  deno: string;
  version: string;
  upload: Upload;
  /** All that a process has of an environment, besides the settings of an app. */
  env: Record<string, string>;
  /** A command that runs another one where nothing can be written; empty: there is none here, and files are compared alone. */
  through: string[];
}

/** In a mount namespace of its own: as root a process could write to files that are read-only by their permissions. */
const NAMESPACE = ["unshare", "-m", "sh", "-c"];
const CLOSED = 'mount -o remount,bind,ro / && exec "$0" "$@"';
const CACHE_OPEN =
  'for at in "$DENO_DIR" "$(readlink -f "$DENO_DIR/npm")"; do mount --bind "$at" "$at" || exit; done && ' + CLOSED;

export async function prepare(upload: Upload, { deno, folder }: { deno: string; folder: string }): Promise<Site> {
  const [home, temporary, cache] = ["home", "tmp", "deno"].map((name) => join(folder, name));
  for (const path of [home!, temporary!, cache!]) await Deno.mkdir(path, { recursive: true });
  // Packages are taken from where this machine has them already.
  await Deno.symlink(await packageCache(deno), join(cache!, "npm"));
  const env = {
    ...{ PATH: "/usr/bin:/bin", HOME: home!, TMPDIR: temporary!, DENO_DIR: cache! },
    ...{ NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  };
  const version = must(await run(deno, { args: ["eval", "console.log(Deno.version.deno)"] })).trim();
  for (const path of upload.files) await Deno.chmod(join(upload.folder, path), 0o444);
  return { deno, version, upload, env, through: await isReadOnly() ? [...NAMESPACE, CLOSED] : [] };
}

/** The same site where the module cache alone can be written to, and a registry be asked: for the platform's warm-up. */
export function warming(site: Site): Site {
  const home = Deno.env.get("HOME");
  return {
    ...site,
    env: { ...site.env, ...home !== undefined && { HOME: home } },
    through: site.through.length > 0 ? [...NAMESPACE, CACHE_OPEN] : [],
  };
}

async function packageCache(deno: string): Promise<string> {
  return JSON.parse(must(await run(deno, { args: ["info", "--json"] }))).npmCache;
}

async function isReadOnly(): Promise<boolean> {
  const [command = "", ...args] = [...NAMESPACE, CLOSED, "true"];
  return (await run(command, { args })).code === 0;
}

function must({ code, stdout, stderr }: Ran): string {
  if (code !== 0) throw new Error(`Cannot prepare the upload: ${stderr}`);
  return stdout;
}
