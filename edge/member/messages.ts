// What a node and its members tell each other, a line of JSON each: a member reads from its standard input, and writes to its
// standard output.

/** What is asked of a whole node, whichever of its edges hears the question. */
export type Question =
  | { about: "status" }
  | { about: "metrics" }
  | { about: "readiness" }
  | { about: "scale" }
  | { about: "replay"; fromUs: number; toUs: number };

/** An answer's body: of a member by itself, or of all of them. */
export type View = Record<string, unknown>;

/** Where a member stands in its node: before anything else. */
export interface Welcome {
  /** From 1. */
  number: number;
  of: number;
  /** Those that all members share; null: there is none for MQTT. */
  port: number;
  mqttPort: number | null;
  /** Records/s of the node that this one may let in to begin with. */
  ratePerS: number;
  /** By which all members call a drone the same in their log; null: there is a file with one. */
  pseudonymKey: string | null;
}

/** What an edge may let in; `order` says which of those that it was told, 0: as it was welcomed. */
export interface Rate {
  ratePerS: number;
  order: number;
}

export type ToMember =
  | ({ kind: "welcome" } & Welcome)
  | ({ kind: "rate" } & Rate)
  | { kind: "question"; id: number; question: Question }
  | { kind: "answer"; id: number; view: View }
  | { kind: "stop" };

export type FromMember =
  | { kind: "listening"; url: string }
  /** Once each REPORT_MS: it lives, and was asked to let in so many records since the last one. */
  | { kind: "report"; rate: Rate; records: number }
  | { kind: "question"; id: number; question: Question }
  | { kind: "answer"; id: number; view: View };

export const REPORT_MS = 100;

/** A message as it is written. */
export function lineOf(message: ToMember | FromMember): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(message)}\n`);
}

/** A line's message; null: it is none, but something that a process printed. */
export function readLine<Message extends ToMember | FromMember>(line: string): Message | null {
  try {
    const message = JSON.parse(line);
    return typeof message?.kind === "string" ? message : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
