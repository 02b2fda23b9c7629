// What an audit record is, and its hash: each holds for all records before it. Anybody can check it, with nothing of ours:
//
//   hash = SHA-256( the previous record's hash, 32 bytes ‖ the record, as UTF-8 )        the first one: of 32 zero bytes
//
// The record is JSON as RFC 8785 has it, one object of seven members in this order, without white space:
//
//   {"after":"60","atUs":1790000000000000,"before":"50","seq":1,"subject":"airspace.warning.radiusM",
//    "what":"change setting","who":"Ada"}
//
// `seq` counts from 1, `atUs` is the journal entry's time in Unix µs, all others are text.
import { createHash } from "node:crypto";

/** Who did what, to what, and what it was before and after. */
export interface Deed {
  who: string;
  what: string;
  subject: string;
  before: string;
  after: string;
}

/** A deed that is recorded. */
export interface AuditRecord extends Deed {
  seq: number;
  /** Unix µs. */
  atUs: number;
  /** SHA-256 in hexadecimal. */
  hash: string;
}

/** Stands for the hash of the record before the first one. */
export const GENESIS = "0".repeat(64);

/** UTF-16 code units of each part: what is longer is cut. */
const CHARS_MAX: Record<keyof Deed, number> = { who: 256, what: 64, subject: 256, before: 4096, after: 4096 };

/** The deed as it can be journalled and recorded: no part too long, and all of it text that UTF-8 can have. */
export function bounded({ who, what, subject, before, after }: Deed): Deed {
  const cut = (name: keyof Deed, text: string) => text.slice(0, CHARS_MAX[name]).toWellFormed();
  return {
    who: cut("who", who),
    what: cut("what", what),
    subject: cut("subject", subject),
    before: cut("before", before),
    after: cut("after", after),
  };
}

/** The record as its hash has it. */
export function canonical({ seq, atUs, who, what, subject, before, after }: Omit<AuditRecord, "hash">): string {
  return JSON.stringify({ after, atUs, before, seq, subject, what, who });
}

/** @param body canonical; `previous`: the hash of the record before it */
export function hashOf(body: string, previous: string): string {
  return createHash("sha256").update(previous, "hex").update(body, "utf8").digest("hex");
}
