// The body of a request: JSON, and read no farther than it may be long.
import type { z } from "zod";
import { parseJson } from "./queries.ts";

/** Of a request: names, and a number for each setting. */
const BODY_BYTES_MAX = 4096;

type Refused = { error: string; status: 400 | 413 };

/** What it says; or why that cannot be read, and the status of the answer. */
export async function readJson<T extends z.ZodType>(
  request: Request,
  schema: T,
): Promise<{ value: z.output<T> } | Refused> {
  // Whoever sends it may be gone in the middle of it.
  const text = await readBody(request, { bytesMax: BODY_BYTES_MAX }).catch(() => undefined);
  if (text === undefined) return { error: "Cannot read the request: it broke off", status: 400 };
  if (text === null) return { error: `Cannot read the request: it has more than ${BODY_BYTES_MAX} bytes`, status: 413 };
  const parsed = parseJson(schema, text);
  return "error" in parsed ? { ...parsed, status: 400 } : parsed;
}

/** Its text; null: it has more bytes than that, and what is left of it is not waited for. */
async function readBody(request: Request, { bytesMax }: { bytesMax: number }): Promise<string | null> {
  if (Number(request.headers.get("content-length")) > bytesMax) return null;
  if (!request.body) return "";
  const reader = request.body.getReader();
  const decoder = new TextDecoder();
  let [bytes, text] = [0, ""];
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.length;
    if (bytes > bytesMax) {
      // Otherwise the server keeps it until garbage is collected.
      await reader.cancel();
      return null;
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}
