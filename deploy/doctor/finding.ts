// What was found: that something is as it should be, or what is wrong and how it is mended.

/** What was looked at, and of whom. */
export interface Looked {
  check: string;
  of: string;
}

export interface Finding extends Looked {
  /** `skipped`: it cannot be told while something else is wrong, or nobody asked for it. */
  state: "ok" | "wrong" | "skipped";
  said: string;
  /** What to do about it; of what is wrong alone. */
  mend?: string;
}

export function ok({ check, of }: Looked, said: string): Finding {
  return { check, of, state: "ok", said };
}

export function wrong({ check, of }: Looked, { said, mend }: { said: string; mend: string }): Finding {
  return { check, of, state: "wrong", said, mend };
}

export function skipped({ check, of }: Looked, said: string): Finding {
  return { check, of, state: "skipped", said };
}

/** The same that is wrong with several is one finding about all of them. */
export function together(findings: readonly Finding[]): Finding[] {
  const groups = Map.groupBy(
    findings,
    ({ check, of, state, said, mend }) =>
      state === "wrong" ? JSON.stringify([check, said, mend]) : JSON.stringify([check, of, state, said]),
  );
  return Array.from(
    groups.values(),
    (alike) => ({ ...alike[0]!, of: [...new Set(alike.map(({ of }) => of))].join(", ") }),
  );
}
