// Load that runs only when nothing else wants to, as if it were on machines of its own.

const COMMANDS = [["chrt", "--idle", "0"], ["nice", "-n", "19"]];

/** The command to run it through: the first that this machine has; empty: none. */
export async function behind(): Promise<string[]> {
  for (const [command = "", ...args] of COMMANDS) {
    try {
      const { success } = await new Deno.Command(command, { args: [...args, "true"] }).output();
      if (success) return [command, ...args];
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return [];
}
