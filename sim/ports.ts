// Which ports somebody else listens on, before anything starts.

/** One sentence for each port of this machine that is taken; keys are the options that choose them. */
export function takenPorts(ports: Record<string, number>): string[] {
  const problems: string[] = [];
  for (const [option, port] of Object.entries(ports)) {
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
      problems.push(`port ${port} is taken: choose another with ${option}`);
    }
  }
  return problems;
}
