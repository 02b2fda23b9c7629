// What the demo leaves behind when it is asked to: a folder with the journal and the database, and how to replay it.
import { join } from "node:path";

/** Where the demo's aggregator keeps what it knows. */
export function keptFiles(folder: string): { journal: string; sqlite: string } {
  return { journal: join(folder, "journal"), sqlite: join(folder, "slipstream.sqlite") };
}

/** Whether something is there already: a journal of another run would be gone on with. */
export async function isUsed(path: string): Promise<boolean> {
  try {
    return (await Array.fromAsync(Deno.readDir(path))).length > 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.NotADirectory) return true;
    throw error;
  }
}

/** A line for a shell: the pipeline once more, over the journal that was kept; with --diff, compared with the database. */
export function replayCommand(folder: string): string {
  const { journal, sqlite } = keptFiles(folder);
  return `deno task replay --journal ${quoted(journal)} --sqlite ${quoted(sqlite)}`;
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
