// What others have sent, in a line of the log: it must not look like another line, nor turn what stands around it.

/** Control characters, line ends, and those that change the direction of a text; not the line ends of a stack. */
const UNSEEN = /\n(?! {4}at )|(?!\n)[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** With such characters as \u{…}. */
export function logLine(message: string): string {
  return message.replace(UNSEEN, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
