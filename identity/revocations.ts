// Who is not to be believed any more: a list in a file, read again as it changes.
import type { Identity } from "./identity.ts";
import { parseRevocationList, type Revoked } from "./revocation_list.ts";
import type { Source } from "./source.ts";

/** The list as it is now. */
export class Revocations {
  readonly #source: Source;
  #text: string | null = null;
  #proofs = new Set<string>();
  /** By URI: what was proven before that time, Unix ms, proves nothing. */
  #beforeMs = new Map<string, number>();

  constructor(source: Source) {
    this.#source = source;
  }

  revokes({ uri, proof, issuedMs }: Pick<Identity, "uri" | "proof" | "issuedMs">): boolean {
    this.#read();
    return this.#proofs.has(proof) || issuedMs < (this.#beforeMs.get(uri) ?? -Infinity);
  }

  #read(): void {
    const { text } = this.#source;
    if (text === this.#text) return;
    this.#text = text;
    this.#proofs = new Set();
    this.#beforeMs = new Map();
    for (const revoked of parseRevocationList(text)) this.#take(revoked);
  }

  #take(revoked: Revoked): void {
    if (revoked.what === "certificate") this.#proofs.add(`certificate ${revoked.serial}`);
    else if (revoked.what === "token") this.#proofs.add(`token ${revoked.jti}`);
    else {
      const { uri, beforeS } = revoked;
      this.#beforeMs.set(uri, Math.max(this.#beforeMs.get(uri) ?? -Infinity, beforeS * 1000));
    }
  }
}
