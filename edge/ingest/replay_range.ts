// What a request to replay says. Loaded with the first one: the library that reads it is larger than all that a frame needs.
import { z } from "zod";

const timeUs = z.number().int().min(0);
const ReplayRange = z.object({ fromUs: timeUs, toUs: timeUs })
  .refine(({ fromUs, toUs }) => fromUs < toUs, "fromUs must be before toUs");

/** The range of a body, in Unix µs, or all that is wrong with it. */
export function readReplayRange(body: unknown): { fromUs: number; toUs: number } | { problems: string } {
  const { success, data, error } = ReplayRange.safeParse(body);
  if (success) return data;
  return { problems: error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`).join("; ") };
}
