// The chain of audit records, as far as it has come: a part of the pipeline's state, so that the same journal gives the same
// chain wherever it is run.
import { type AuditRecord, bounded, canonical, type Deed, GENESIS, hashOf } from "./record.ts";

/** The last record of a chain; seq 0: there is none. */
export type AuditHead = Pick<AuditRecord, "seq" | "hash">;

export class AuditChain {
  #head: AuditHead = { seq: 0, hash: GENESIS };

  get head(): AuditHead {
    return this.#head;
  }

  /** Records what was done at this time, in Unix µs. */
  record(deed: Deed, atUs: number): AuditRecord {
    const seq = this.#head.seq + 1;
    const record = { ...bounded(deed), seq, atUs };
    const hash = hashOf(canonical(record), this.#head.hash);
    this.#head = { seq, hash };
    return { ...record, hash };
  }

  save(): AuditHead {
    return this.#head;
  }

  restore(head: AuditHead): void {
    this.#head = head;
  }
}
