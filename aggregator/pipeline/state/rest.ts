// What is small, or copied as a block: each part of it saves itself whole, and is restored whole.
import type { SavedRest } from "./saved.ts";

interface Kept<T> {
  save: () => T;
  restore: (saved: T) => void;
}

/** The parts of the pipeline that are saved so, by the name of what they save. */
export type KeptParts = { readonly [K in Exclude<keyof SavedRest, "type">]: Kept<SavedRest[K]> };

export function saveRest(parts: KeptParts): SavedRest {
  const saved = Object.entries(parts).map(([name, part]) => [name, part.save()]);
  return { type: "rest", ...Object.fromEntries(saved) };
}

export function restoreRest(parts: KeptParts, { type: _, ...rest }: SavedRest): void {
  // Each part takes what it saved itself.
  for (const [name, saved] of Object.entries(rest)) (parts[name as keyof KeptParts] as Kept<unknown>).restore(saved);
}
