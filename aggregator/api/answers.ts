// Answers of the history as the API's: its JSON goes out as it came, or says why there is none. And lists of what is in memory, made
// as they are read.
import type { Context } from "hono";
import type { Unreadable } from "../../platform/openapi/asked.ts";
import type { Answer, Unanswered } from "../sinks/history.ts";

const encoder = new TextEncoder();

/** Of a list, made before everything else has its turn. */
const ITEMS_MAX = 100;

/** An object of these fields, or the first reason why one of them is missing. */
export function tell(c: Context, fields: Record<string, Answer>): Response {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (const [name, answer] of Object.entries(fields)) {
    if (!("json" in answer)) return refuse(c, answer);
    pieces.push(encoder.encode(`${pieces.length === 0 ? "{" : ","}${JSON.stringify(name)}:`), answer.json);
  }
  return tellJson(c, [...pieces, encoder.encode("}")]);
}

/** Why the request cannot be read. */
export function unread(c: Context, { error, status }: Unreadable): Response {
  return c.json({ error }, status);
}

/** Why there is no answer, and when to ask again. */
export function refuse(c: Context, { status, error }: Unanswered): Response {
  return c.json({ error }, status, status < 500 ? {} : { "retry-after": "1" });
}

/** A value that is known, as an answer of its own. */
export function known(value: unknown): Answer {
  return { json: encoder.encode(JSON.stringify(value)) };
}

/** Sends JSON that is in pieces. */
export function tellJson(c: Context, pieces: readonly Uint8Array[]): Response {
  const body = new Uint8Array(pieces.reduce((bytes, piece) => bytes + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.length;
  }
  return c.body(body, 200, { "content-type": "application/json" });
}

/** An object of one field, a list that can be long: made a few items at a time, when the reader has taken those before. */
export function tellList(c: Context, name: string, items: Iterable<unknown>): Response {
  const pieces = piecesOf(name, items[Symbol.iterator]());
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const { done, value } = pieces.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
  }, { highWaterMark: 0 });
  return c.body(body, 200, { "content-type": "application/json" });
}

function* piecesOf(name: string, items: Iterator<unknown>): Generator<string, void> {
  yield `{${JSON.stringify(name)}:[`;
  for (let comma = "", piece = items.next(); !piece.done; comma = ",") {
    let text = "";
    for (let count = 0; count < ITEMS_MAX && !piece.done; count++, piece = items.next()) {
      text += `${text === "" ? comma : ","}${JSON.stringify(piece.value)}`;
    }
    yield text;
  }
  yield "]}";
}
