// The recorded flights: not ours to commit. Where ../shared/flights is absent, tests of them are ignored, and counted so.

const FOLDER = new URL("../../shared/flights/", import.meta.url);

/** Names of the recordings, ascending; none where they are absent. */
export const FLIGHT_FILES: readonly string[] = recordings();
export const hasFlights = FLIGHT_FILES.length > 0;

/** A recording as it was written. @throws {Deno.errors.NotFound} when it is absent */
export function readFlight(name: string): string {
  return Deno.readTextFileSync(new URL(name, FOLDER));
}

function recordings(): string[] {
  try {
    return [...Deno.readDirSync(FOLDER)].map(({ name }) => name).filter((name) => name.endsWith(".csv")).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
