// What was issued, one JSON line each, so that it can be listed and taken back. What ended a week ago is forgotten.
import { z } from "zod";
import type { Revoked } from "../revocation_list.ts";

const KEPT_S = 7 * 86_400;

const ISSUED = z.strictObject({
  what: z.enum(["certificate", "token"]),
  /** Its serial number, or its `jti`. */
  id: z.string(),
  /** The identity's URI; of a server's certificate, its names. */
  subject: z.string(),
  /** Unix seconds: when it began, or begins, to be valid, and when it ends. */
  fromS: z.int(),
  untilS: z.int(),
});
export type Issued = z.infer<typeof ISSUED>;

/** @throws {Error} for a line that is none */
export function parseIssued(text: string): Issued[] {
  return text.split("\n").filter((line) => line !== "").map((line, i) => {
    try {
      return ISSUED.parse(JSON.parse(line));
    } catch (cause) {
      throw new Error(`Cannot read what was issued: line ${i + 1} is ${JSON.stringify(line)}`, { cause });
    }
  });
}

/** The lines of all that is remembered at that time. */
export function issuedText(all: readonly Issued[], nowS: number): string {
  return all.filter(({ untilS }) => untilS > nowS - KEPT_S).map((one) => `${JSON.stringify(one)}\n`).join("");
}

/** That one revocation means this. */
export function concerns(revoked: Revoked, { what, id, subject, fromS }: Issued): boolean {
  if (revoked.what === "identity") return revoked.uri === subject && fromS < revoked.beforeS;
  return revoked.what === what && id === (revoked.what === "certificate" ? revoked.serial : revoked.jti);
}
