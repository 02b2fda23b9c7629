// The body of a request, read no farther than it may be long.
import type { Context } from "hono";
import type { z } from "zod";
import { parseJson } from "./queries.ts";

/** There is a name in it, and little else. */
const BODY_BYTES_MAX = 4096;

/** What somebody asks for in the JSON of a request, or the answer that says why that cannot be read. */
export async function askedIn<T extends z.ZodType>(c: Context, schema: T): Promise<z.output<T> | Response> {
  // A page of somebody else can send a form, not this content type: nothing changes without a person's intent.
  if (!c.req.header("content-type")?.toLowerCase().startsWith("application/json")) {
    return c.json({ error: "Cannot read the request: send application/json" }, 415);
  }
  const text = await readBody(c.req.raw, { bytesMax: BODY_BYTES_MAX });
  if (text === null) {
    return c.json({ error: `Cannot read the request: it has more than ${BODY_BYTES_MAX} bytes` }, 413);
  }
  const body = parseJson(schema, text);
  return "error" in body ? c.json(body, 400) : body.value;
}

/** Its text; null: it has more bytes than that, and what is left of it is not waited for. */
export async function readBody(request: Request, { bytesMax }: { bytesMax: number }): Promise<string | null> {
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
