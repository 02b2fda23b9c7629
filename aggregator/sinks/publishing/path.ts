// What a message is called where names stand within names: from general to particular, so that wildcards choose what is read.
import type { Message } from "./messages.ts";

/** Its kind and what it is about, each as a name that needs no care anywhere: letters, digits, dashes, and %XX of any other byte. */
export function namesOf({ topic, path }: Pick<Message, "topic" | "path">): string[] {
  return [topic, ...path.map(name)];
}

const encoder = new TextEncoder();

/** Neither empty, nor with wildcards, spaces, or what stands between names: NATS and MQTT have nothing to object to. */
function name(text: string): string {
  if (text === "") return "_";
  if (/^[\w~-]+$/.test(text)) return text;
  return [...encoder.encode(text)].map((byte) => {
    const letter = String.fromCharCode(byte);
    return /[\w~-]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}
