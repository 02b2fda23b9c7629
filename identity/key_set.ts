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

/** A set of keys that may change at any time. */
export class KeySet {
  readonly #source: Pick<Source, "text" | "refresh">;
  readonly #nowMs: () => number;
  #text = "";
  #keys: Key[] = [];
  /** What finds the key of a token, by the owner whose keys are among the others'; "": of anybody else. */
  readonly #finds = new Map<string, Find>();
  /** When the next of its keys ends. */
  #untilMs = Infinity;

  /** `source`: its text is a JSON Web Key Set; `nowMs`: Unix ms. */
  constructor(source: Pick<Source, "text" | "refresh">, nowMs: () => number) {
    this.#source = source;
    this.#nowMs = nowMs;
  }

  /** The key that a token names; one that is not there yet makes the set be read again. */
  async find(...[header, token]: Parameters<Find>): ReturnType<Find> {
    const { errors } = await import("jose");
    try {
      return await (await this.#of(token))(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !await this.#source.refresh()) throw error;
      return await (await this.#of(token))(header, token);
    }
  }

  async #of(token: Parameters<Find>[1]): Promise<Find> {
    const { createLocalJWKSet } = await import("jose");
    this.#read();
    const subject = subjectOf(token);
    const owner = this.#keys.some(({ sub }) => sub === subject) ? subject : "";
    const found = this.#finds.get(owner);
    if (found) return found;
    const find = createLocalJWKSet({ keys: this.#keys.filter(({ sub }) => sub === undefined || sub === owner) });
    this.#finds.set(owner, find);
    return find;
  }

  #read(): void {
    const { text } = this.#source;
    const nowMs = this.#nowMs();
    if (text === this.#text && nowMs < this.#untilMs) return;
    this.#keys = keysOf(text).filter((key) => endMs(key) > nowMs);
    this.#untilMs = Math.min(Infinity, ...this.#keys.map(endMs));
    this.#text = text;
    this.#finds.clear();
  }
}

/** Whom a token says that it proves; "" where that cannot be read. */
function subjectOf(token: Parameters<Find>[1]): string {
  try {
    const payload = Uint8Array.fromBase64(String(token?.payload), { alphabet: "base64url" });
    const { sub } = JSON.parse(new TextDecoder().decode(payload));
    return typeof sub === "string" ? sub : "";
  } catch (error) {
    if (error instanceof Error) return "";
    throw error;
  }
}

/** @throws {TypeError} when a text is no set of keys, or has a private one in it */
export function checkKeySet(text: string): void {
  if (keysOf(text).some((key) => "d" in key || "k" in key)) throw new TypeError("one of its keys is private");
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
