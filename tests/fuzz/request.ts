// A request as a text: method and path, headers, an empty line, a body.

/** Null for what no HTTP parser lets through. */
export function requestOf(input: Uint8Array): Request | null {
  const text = new TextDecoder().decode(input);
  const [head = "", ...rest] = text.split("\n\n");
  const [first = "", ...headers] = head.split("\n");
  const space = first.indexOf(" ");
  const method = first.slice(0, space);
  const body = rest.join("\n\n");
  try {
    return new Request(new URL(first.slice(space + 1), "http://127.0.0.1"), {
      method,
      headers: headers.map((line): [string, string] => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 1).trim()];
      }),
      ...(body !== "" && { body }),
    });
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** What came of it: the status and whether it says why. Throws for 500, which is ours. */
export async function answered(response: Response, { method }: Request): Promise<string> {
  const type = response.headers.get("content-type") ?? "none";
  if (type.startsWith("text/event-stream")) {
    await response.body?.cancel();
    return `${response.status} stream`;
  }
  const text = await response.text();
  // An upgrade that this server cannot do is 501.
  if (response.status === 500 || response.status > 503) throw new Error(`Cannot answer: ${response.status} ${text}`);
  if (!type.startsWith("application/json")) return `${response.status} ${type}`;
  const body = text === "" ? {} : JSON.parse(text);
  const isTold = method !== "HEAD" && response.status >= 400;
  if (isTold && typeof body.error !== "string" && typeof body.reason !== "string") {
    throw new Error(`Cannot tell why: ${response.status} ${text}`);
  }
  return `${response.status} json`;
}

export function requestSeeds(paths: readonly string[]): Uint8Array[] {
  return paths.map((path) => new TextEncoder().encode(path));
}
