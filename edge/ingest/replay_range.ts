// What a request to replay says. Loaded with the first one: the library that reads it is larger than all that a frame needs.
import { z } from "zod";

/** [fromUs, toUs), Unix µs. */
export interface ReplayRange {
  fromUs: number;
  toUs: number;
}

const timeUs = z.number().int().min(0);
const Body = z.object({ fromUs: timeUs, toUs: timeUs })
  .refine(({ fromUs, toUs }) => fromUs < toUs, "fromUs must be before toUs");

/** The range of a body, in Unix µs, or all that is wrong with it. */
export function readReplayRange(body: unknown): ReplayRange | { problems: string } {
  const { success, data, error } = Body.safeParse(body);
  if (success) return data;
  return { problems: error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`).join("; ") };
}
