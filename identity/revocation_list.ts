// The list of what counts no more, one line each, as people read it and processes follow it. After " # " stands when it was
// written, and why:
//
//   identity slipstream://fleet/drone/d-1 before 1764475200 # 2025-11-30T04:00:00.000Z lost in the lake
//   certificate 5F0A…                                        # 2025-11-30T04:00:00.000Z
//   token 0b5e2f0c-…                                         # 2025-11-30T04:00:00.000Z
import { parseIdentityUri } from "./uri.ts";

export type Revoked =
  /** All that begins to be valid before that Unix second, certificates and tokens: what begins later is believed again. */
  | { what: "identity"; uri: string; beforeS: number }
  /** As `serialOf` spells it. */
  | { what: "certificate"; serial: string }
  | { what: "token"; jti: string };

/** When it was written down, and why. */
export type Revocation = Revoked & { note: string };

/** The one spelling of a certificate's serial number: hexadecimal, in capitals, no colons, no zeros before it; null: it is none. */
export function serialOf(text: string): string | null {
  const digits = text.replaceAll(":", "").replace(/^0+/, "").toUpperCase();
  return /^[\dA-F]{1,40}$/.test(digits) ? digits : null;
}

/** Can be a token's `jti`: visible ASCII, and no # at its beginning, which begins a note. */
export function isTokenId(text: string): boolean {
  return /^(?!#)[\x21-\x7e]{1,256}$/.test(text);
}

/** Can stand behind a line. */
export function isNote(text: string): boolean {
  return /^[^\p{Cc}\u2028\u2029]*$/u.test(text);
}

/** One line, with its end. */
export function revocationLine({ note, ...revoked }: Revocation): string {
  if (!isNote(note)) throw new TypeError(`Cannot write a revocation: its note has control characters`);
  return `${textOf(revoked)}${note === "" ? "" : ` # ${note}`}\n`;
}

/** When it was written down, Unix ms, as its note says; null: it does not. */
export function revokedMs({ note }: Revocation): number | null {
  const ms = Date.parse(note.split(" ")[0]!);
  return Number.isNaN(ms) ? null : ms;
}

function textOf(revoked: Revoked): string {
  if (revoked.what === "identity") return `identity ${revoked.uri} before ${revoked.beforeS}`;
  return revoked.what === "certificate" ? `certificate ${revoked.serial}` : `token ${revoked.jti}`;
}

/** All lines of a list; blank ones do not count. @throws {TypeError} with the number of the first line that is none */
export function parseRevocationList(text: string): Revocation[] {
  return text.split("\n").flatMap((line, i) => {
    if (line.trim() === "") return [];
    const revocation = parseLine(line.trim());
    if (revocation) return [revocation];
    throw new TypeError(`Cannot read the revocation list: line ${i + 1} is no revocation: ${JSON.stringify(line)}`);
  });
}

function parseLine(line: string): Revocation | null {
  const [, before, note = ""] = /^(.*?)(?:\s+#(?:\s+(.*))?)?$/.exec(line) ?? [];
  const [what, name = "", ...rest] = before!.split(/\s+/);
  if (what === "identity") {
    const [word, seconds = "", ...more] = rest;
    const isWhole = word === "before" && /^\d{1,12}$/.test(seconds) && more.length === 0;
    return isWhole && parseIdentityUri(name) ? { what, uri: name, beforeS: Number(seconds), note } : null;
  }
  if (rest.length > 0) return null;
  const serial = serialOf(name);
  if (what === "certificate" && serial !== null) return { what, serial, note };
  return what === "token" && isTokenId(name) ? { what, jti: name, note } : null;
}
