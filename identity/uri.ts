// The names of drones, edges and people, as certificates and tokens carry them: slipstream://FLEET/drone/ID. Each has one
// spelling, so that two of them are the same when their texts are.
import { DRONE_ID_BYTES_MAX } from "../proto/words.ts";

const IDENTITY_KINDS = ["drone", "edge", "person"] as const;
export type IdentityKind = typeof IDENTITY_KINDS[number];

export interface Identity {
  fleet: string;
  kind: IdentityKind;
  /** 1 to 64 bytes of UTF-8: whatever a frame can have as its drone's id. */
  id: string;
}

const encoder = new TextEncoder();

/** Can be a fleet's name in a URI: labels as in a host name, since Go refuses a certificate with anything else there. */
export function isFleet(text: string): boolean {
  return text.length <= 64 && /^[\w-]{1,63}(\.[\w-]{1,63})*$/.test(text);
}

/** Can be the id of a drone, an edge or a person. */
export function isId(text: string): boolean {
  const { length } = encoder.encode(text);
  return text.isWellFormed() && length >= 1 && length <= DRONE_ID_BYTES_MAX;
}

/** The one spelling of an identity. @throws {TypeError} when it can have none */
export function identityUri({ fleet, kind, id }: Identity): string {
  if (!isFleet(fleet)) throw new TypeError(`Cannot name an identity: its fleet is ${JSON.stringify(fleet)}`);
  if (!isId(id)) throw new TypeError(`Cannot name an identity: its id is ${JSON.stringify(id)}`);
  return `slipstream://${fleet}/${kind}/${escaped(id)}`;
}

/** What a URI names; null: it is none of ours, or not in its one spelling. */
export function parseIdentityUri(text: string): Identity | null {
  const [, fleet, word, path] = /^slipstream:\/\/([^/]+)\/([^/]+)\/([\w.~%-]+)$/.exec(text) ?? [];
  const kind = IDENTITY_KINDS.find((kind) => kind === word);
  if (fleet === undefined || path === undefined || kind === undefined || !isFleet(fleet)) return null;
  const id = unescaped(path);
  return id !== null && isId(id) && escaped(id) === path ? { fleet, kind, id } : null;
}

/** Everything but RFC 3986's unreserved characters as %XX, in capitals: safe in a URI and in the name of a file. */
export function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function unescaped(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
