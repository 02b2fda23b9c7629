// The list of revoked certificates as nginx, OpenSSL and other TLS servers read it (RFC 5280 §5).
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import type { Authority } from "./authority.ts";

const CRL_NUMBER = "2.5.29.20";

/** One revoked certificate: its serial number, and since when, in Unix ms. */
export interface CrlEntry {
  serial: string;
  sinceMs: number;
}

/**
 * A list of these, as PEM.
 *
 * It is good for as long as the root: a list that is out of date makes a server refuse everybody, and how soon a new one is read
 * is up to whoever copies the file.
 */
export async function createCrl(
  { certificate: root, key }: Authority,
  { entries, nowMs }: { entries: readonly CrlEntry[]; nowMs: number },
): Promise<string> {
  const crl = await x509.X509CrlGenerator.create({
    issuer: root.subjectName.toJSON(),
    thisUpdate: new Date(nowMs),
    nextUpdate: root.notAfter,
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    signingKey: key,
    entries: entries.map(({ serial, sinceMs }) => ({
      serialNumber: evenHex(serial),
      revocationDate: new Date(sinceMs),
      // Without any, the entry would have an empty list of extensions, which RFC 5280 forbids.
      reason: x509.X509CrlReason.privilegeWithdrawn,
    })),
    extensions: [
      await x509.AuthorityKeyIdentifierExtension.create(root.publicKey),
      new x509.Extension(CRL_NUMBER, false, derInteger(nowMs)),
    ],
  });
  // The library's own label is one that OpenSSL does not know.
  return `${x509.PemConverter.encode(crl.rawData, "X509 CRL")}\n`;
}

/** DER of a positive integer; each list's is larger than the one before, as long as the clock is. */
function derInteger(value: number): Uint8Array<ArrayBuffer> {
  const digits = evenHex(Math.trunc(value).toString(16));
  // With the highest bit set it would be negative.
  const content = Uint8Array.fromHex(/^[89a-f]/.test(digits) ? `00${digits}` : digits);
  return new Uint8Array([0x02, content.length, ...content]);
}

function evenHex(digits: string): string {
  return digits.length % 2 === 0 ? digits : `0${digits}`;
}
