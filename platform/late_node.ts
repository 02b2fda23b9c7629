// Parts of Node's library that are loaded where they are first used: some Denos take as long for one of them as for all the rest
// of an edge's start.

/** As an import of it, at once and where it stands. */
export const lateNode: typeof process.getBuiltinModule = (id: string) =>
  // deno-lint-ignore no-process-global -- an import of node:process costs what is to be saved
  process.getBuiltinModule(id);
