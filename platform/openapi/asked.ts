// What a request says, read by the schemas of its operation: its path, its query and its body, which is JSON and read no farther than it
// may be long.
import type { z } from "zod";
import type { Operation } from "./operation.ts";

/** Of a body: names, and a number for each setting. */
const BODY_BYTES_MAX = 4096;

/** As the operation's schemas have it. */
export interface Asked<O extends Operation> {
  params: O["params"] extends z.ZodType ? z.output<O["params"]> : undefined;
  query: O["query"] extends z.ZodType ? z.output<O["query"]> : undefined;
  body: O["body"] extends z.ZodType ? z.output<O["body"]> : undefined;
}

/** Why a request cannot be read: all that is wrong with it in one sentence. */
export interface Unreadable {
  error: string;
  status: 400 | 413;
}

/** A request, as Hono has it. */
export interface HttpRequest {
  raw: Request;
  param(): Record<string, string>;
  query(): Record<string, string>;
}

export async function asked<O extends Operation>(request: HttpRequest, operation: O): Promise<Asked<O> | Unreadable> {
  const { params, query, body } = operation;
  const problems: string[] = [];
  const read = (schema: z.ZodType | undefined, input: () => unknown) => {
    if (!schema) return undefined;
    const parsed = schema.safeParse(input());
    if (!parsed.success) problems.push(...problemsOf(parsed.error));
    return parsed.data;
  };
  const said = { params: read(params, () => request.param()), query: read(query, () => request.query()) };
  if (problems.length > 0) return unreadable(problems.join("; "));
  if (!body) return { ...said, body: undefined } as Asked<O>;
  const text = await readBody(request.raw);
  if (typeof text !== "string") return text;
  const json = parseJson(text);
  // What the parser says has a piece of the text in it, which may be somebody's token.
  if (!json) return unreadable("it is no JSON");
  const value = read(body, () => json.value);
  // The type follows from the operation, which the compiler cannot see.
  return problems.length > 0 ? unreadable(problems.join("; ")) : { ...said, body: value } as Asked<O>;
}

/** What is wrong, with the field that it is wrong with. */
function problemsOf({ issues }: z.core.$ZodError): string[] {
  return issues.map(({ path, message }) => path.length > 0 ? `${path.join(".")} ${message}` : message);
}

function unreadable(why: string, status: Unreadable["status"] = 400): Unreadable {
  return { error: `Cannot read the request: ${why}`, status };
}

function parseJson(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

async function readBody(request: Request): Promise<string | Unreadable> {
  // Whoever sends it may be gone in the middle of it.
  const text = await readText(request, { bytesMax: BODY_BYTES_MAX }).catch(() => undefined);
  if (text === undefined) return unreadable("it broke off");
  return text ?? unreadable(`it has more than ${BODY_BYTES_MAX} bytes`, 413);
}

/** Its text; null: it has more bytes than that, and what is left of it is not waited for. */
async function readText(request: Request, { bytesMax }: { bytesMax: number }): Promise<string | null> {
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
