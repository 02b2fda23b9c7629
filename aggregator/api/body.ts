// The body of a request, read no farther than it may be long.

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
