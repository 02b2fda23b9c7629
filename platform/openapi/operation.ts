// One route of an HTTP surface, as its readers are told of it. The schemas by which it is described are those by which its requests
// are read (asked.ts), so that neither can say anything else than the other.
import { z } from "zod";

/** What is answered with one status. */
export interface Told {
  about: string;
  /** Schemas by media type; without any the answer has no body. */
  content?: Record<string, z.ZodType>;
}

export interface Operation {
  method: "get" | "post" | "patch" | "delete";
  /** As Hono has it: /v1/drones/:id */
  path: string;
  /** Its name in clients that are generated. */
  id: string;
  /** With others of its kind it stands under this. */
  tag: string;
  summary: string;
  about?: string;
  /** What whoever asks must be allowed to do; without it everybody may. */
  action?: string;
  /** It changes something: a page of somebody else may not ask for it. */
  ownPageOnly?: boolean;
  params?: z.ZodObject;
  query?: z.ZodObject;
  /** JSON. */
  body?: z.ZodType;
  answers: Record<number, Told>;
  /** Statuses of errors that only some routes have, and when; those that many have are told by themselves (deploy/openapi/). */
  errors?: Record<number, string>;
}

/** All that one process can be asked. */
export interface Surface {
  title: string;
  about: string;
  operations: readonly Operation[];
}

/** The same, with the types of its own schemas. */
export function operation<const O extends Operation>(of: O): O {
  return of;
}

/** An answer as JSON. */
export function json(about: string, schema: z.ZodType): Told {
  return { about, content: { "application/json": schema } };
}

/**
 * A schema with the fields that a type has, and no others: else it does not compile. So nobody adds a field to what is answered without
 * telling of it.
 */
export function describing<T>() {
  return <S extends z.ZodType<T>>(schema: T extends z.output<S> ? S : never): S => schema;
}

/** A whole number that is written as text, as in an address; `must` tells what it has to be. */
export function wholeNumber(must: string, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}) {
  return z.coerce.number({ error: must }).int(must).min(min, must).max(max, must);
}

/** Unix µs that are written as text. */
export const timeUs = wholeNumber("must be Unix microseconds");
