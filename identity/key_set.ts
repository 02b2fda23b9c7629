// The keys by which tokens are verified: a JSON Web Key Set (RFC 7517) in a file or at an address, read again as it changes.
import type { JWK } from "jose";
import type { Source } from "./source.ts";

type Jose = typeof import("jose");
type Find = ReturnType<Jose["createLocalJWKSet"]>;

/** A key may say until when it is one, in Unix seconds: what it has signed has ended by then. */
type Key = JWK & { exp?: unknown };

/** A set of keys that may change at any time. */
export class KeySet {
  readonly #source: Pick<Source, "text" | "refresh">;
  readonly #nowMs: () => number;
  #find: Find | null = null;
  #text = "";
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
      return await (await this.#now())(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !await this.#source.refresh()) throw error;
      return await (await this.#now())(header, token);
    }
  }

  async #now(): Promise<Find> {
    const { text } = this.#source;
    const nowMs = this.#nowMs();
    if (this.#find && text === this.#text && nowMs < this.#untilMs) return this.#find;
    const { createLocalJWKSet } = await import("jose");
    const keys = keysOf(text).filter((key) => endMs(key) > nowMs);
    this.#untilMs = Math.min(Infinity, ...keys.map(endMs));
    this.#text = text;
    return this.#find = createLocalJWKSet({ keys });
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
