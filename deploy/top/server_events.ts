// Server-sent events as they come (WHATWG HTML, 9.2.6), as far as ours use them: a name, and data in one line each.

export interface ServerEvent {
  event: string;
  data: string;
}

/** An event that is longer is nobody's whom we know. */
const EVENT_CHARACTERS_MAX = 16 << 20;

/** Of a body. @throws {RangeError} when an event has no end */
export async function* serverEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent, void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const event = readEvent(text.slice(0, end));
      text = text.slice(end + 2);
      if (event) yield event;
    }
    if (text.length > EVENT_CHARACTERS_MAX) throw new RangeError("Cannot read the events: one has no end");
  }
}

function readEvent(block: string): ServerEvent | null {
  const fields = new Map(
    block.split("\n").map((line): [string, string] => {
      const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
      return [name, value];
    }),
  );
  const [event, data] = [fields.get("event"), fields.get("data")];
  return event === undefined || data === undefined ? null : { event, data };
}
