// The keys by which tokens are verified: a JSON Web Key Set (RFC 7517) in a file or at an address, read again as it changes.
import type { JWK } from "jose";
import type { Source } from "./source.ts";

type Jose = typeof import("jose");
type Find = ReturnType<Jose["createLocalJWKSet"]>;

/**
 * A key may say until when it is one, `exp`, in Unix seconds: what it has signed has ended by then; and of whom alone it is
 * believed, `sub`: an edge's that signs its own tokens.
 */
type Key = JWK & { exp?: unknown; sub?: unknown };

/** A key that a token names. */
export interface FoundKey {
  key: Awaited<ReturnType<Find>>;
  /** The key itself as text, whatever else is said of it: see `has`. */
  name: string;
}

interface Known {
  name: string;
  kid: unknown;
  endMs: number;
  find: Find | null;
  jwk: Key;
}

const KEYS_MAX = 100;

/** A set of keys that may change at any time. */
export class KeySet {
  readonly #source: Pick<Source, "text" | "refresh">;
  readonly #nowMs: () => number;
  #known: Known[] = [];
  #text = "";

  /** `source`: its text is a JSON Web Key Set; `nowMs`: Unix ms. */
  constructor(source: Pick<Source, "text" | "refresh">, nowMs: () => number) {
    this.#source = source;
    this.#nowMs = nowMs;
  }

  /**
   * The key that a token names; one that is not there yet makes the set be read again.
   * @throws {JWKSNoMatchingKey} when there is none, or more than one
   */
  async find(...token: Parameters<Find>): Promise<FoundKey> {
    const found = await this.#find(token) ?? (await this.#source.refresh() ? await this.#find(token) : null);
    if (found) return found;
    const { errors } = await import("jose");
    throw new errors.JWKSNoMatchingKey();
  }

  /** Whether a key that was found is still one of them. */
  has(name: string): boolean {
    return this.#now().some((known) => known.name === name);
  }

  async #find([header, token]: Parameters<Find>): Promise<FoundKey | null> {
    const { createLocalJWKSet } = await import("jose");
    const found: FoundKey[] = [];
    const subject = subjectOf(token);
    for (const known of this.#now()) {
      if (known.jwk.sub !== undefined && known.jwk.sub !== subject) continue;
      if (header?.kid !== undefined && header.kid !== known.kid) continue;
      known.find ??= createLocalJWKSet({ keys: [known.jwk] });
      // A key that does not fit, or is none: it is there, and proves nothing.
      const key = await known.find(header, token).catch(() => null);
      if (key) found.push({ key, name: known.name });
    }
    return found.length === 1 ? found[0]! : null;
  }

  #now(): Known[] {
    const { text } = this.#source;
    if (text !== this.#text) {
      this.#known = keysOf(text).map((jwk) => ({
        name: nameOf(jwk),
        kid: jwk.kid,
        endMs: endMs(jwk),
        find: null,
        jwk,
      }));
      this.#text = text;
    }
    const nowMs = this.#nowMs();
    return this.#known.filter(({ endMs }) => endMs > nowMs);
  }
}

/** Whom a token says that it proves; null where that cannot be read. */
function subjectOf(token: Parameters<Find>[1]): string | null {
  try {
    const payload = Uint8Array.fromBase64(String(token?.payload), { alphabet: "base64url" });
    const { sub } = JSON.parse(new TextDecoder().decode(payload));
    return typeof sub === "string" ? sub : null;
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

/** @throws {TypeError} when a text is no set of keys, has too many, or has a private one in it */
export function checkKeySet(text: string): void {
  const keys = keysOf(text);
  if (keys.length > KEYS_MAX) throw new TypeError(`it has more than ${KEYS_MAX} keys`);
  if (keys.some((key) => "d" in key || "k" in key)) throw new TypeError("one of its keys is private");
}

function nameOf({ kty, crv, x, y, n, e }: Key): string {
  return JSON.stringify([kty, crv, x, y, n, e]);
}

function endMs({ exp }: Key): number {
  return typeof exp === "number" ? exp * 1000 : Infinity;
}

function keysOf(text: string): Key[] {
  const set: unknown = JSON.parse(text);
  const keys: unknown = typeof set === "object" && set !== null && "keys" in set ? set.keys : null;
  if (!Array.isArray(keys)) throw new TypeError('it has no list of "keys"');
  return keys.map((key: unknown) => {
    if (typeof key !== "object" || key === null) throw new TypeError("one of its keys is none");
    return key as Key;
  });
}
