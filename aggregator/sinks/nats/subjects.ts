// What a message's subject is in NATS: from general to particular, so that wildcards choose what is read.
import type { Message } from "../publishing/messages.ts";

/** PREFIX.KIND.… */
export function subjectOf(prefix: string, { topic, path }: Pick<Message, "topic" | "path">): string {
  return [prefix, topic, ...path.map(token)].join(".");
}

const encoder = new TextEncoder();

/** A token is not empty, and has no dots, wildcards or spaces in it: what is no letter, digit, dash or underscore is percent-encoded. */
function token(text: string): string {
  if (text === "") return "_";
  if (/^[\w~-]+$/.test(text)) return text;
  return [...encoder.encode(text)].map((byte) => {
    const letter = String.fromCharCode(byte);
    return /[\w~-]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}
