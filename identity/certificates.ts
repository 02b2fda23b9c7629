// Client certificates → identities. What ends TLS has verified the chain; here it is read who that is. A proxy that ends TLS hands
// the certificate on in a header: then the signature is verified here again.
import { type Denied, type Identity } from "./identity.ts";
import { serialOf } from "./revocation_list.ts";
import { ofSubject } from "./subjects.ts";

type X509 = typeof import("./x509.ts");
type Certificate = InstanceType<X509["X509Certificate"]>;

/** The purpose of a TLS client, `clientAuth`. */
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

export interface CertificatesParts {
  /** Fleets whose members are let in; empty: all that the authority has signed for. */
  fleets: ReadonlySet<string>;
  /** Unix ms. */
  nowMs: () => number;
  /** PEM of the authorities: for certificates that a proxy hands on. */
  authorities: () => string;
}

/** Reads certificates. It is loaded with the first one: who speaks by tokens alone needs none of it. */
export class Certificates {
  readonly #parts: CertificatesParts;
  #x509: Promise<X509> | null = null;

  constructor(parts: CertificatesParts) {
    this.#parts = parts;
  }

  /** Whose it is, of one whose chain is verified; `der`: the certificate itself. */
  async identify(der: Uint8Array): Promise<Identity | Denied> {
    const certificate = await this.#read(der);
    return certificate ? this.#identityOf(certificate) : unreadable();
  }

  /** The same of one that a proxy has verified, URL-encoded PEM: verified once more, as nobody else has done so here. */
  async identifyForwarded(escapedPem: string): Promise<Identity | Denied> {
    const certificate = await this.#read(unescaped(escapedPem));
    if (!certificate) return unreadable();
    if (!await this.#isSigned(certificate)) return denied("forged", "its authority is not ours");
    return this.#identityOf(certificate);
  }

  #identityOf(certificate: Certificate): Identity | Denied {
    const { fleets, nowMs } = this.#parts;
    const { notBefore, notAfter } = certificate;
    if (!(notAfter.getTime() > nowMs())) return denied("expired", `it ended at ${spelled(notAfter)}`);
    if (!(notBefore.getTime() <= nowMs())) return denied("not-yet", `it begins at ${spelled(notBefore)}`);
    if (!isOfClient(certificate)) return denied("wrong-subject", "it is not for clients");
    const serial = serialOf(certificate.serialNumber);
    if (serial === null) return denied("unreadable", "nobody could revoke it by its serial number");
    const subject = ofSubject(uriOf(certificate), { fleets, role: null, droneIds: [] });
    if ("error" in subject) return subject;
    return {
      ...subject,
      proof: `certificate ${serial}`,
      signer: null,
      issuedMs: notBefore.getTime(),
      expiresMs: notAfter.getTime(),
    };
  }

  async #isSigned(certificate: Certificate): Promise<boolean> {
    const { X509Certificate, PemConverter } = await this.#load();
    const nowMs = this.#parts.nowMs();
    for (const raw of PemConverter.decode(this.#parts.authorities())) {
      const authority = new X509Certificate(raw);
      const { subject, notBefore, notAfter } = authority;
      if (subject !== certificate.issuer || notBefore.getTime() > nowMs || notAfter.getTime() <= nowMs) continue;
      const isSigned = certificate.verify({ publicKey: authority, signatureOnly: true });
      if (await isSigned.catch(() => false)) return true;
    }
    return false;
  }

  async #read(bytes: Uint8Array | string | null): Promise<Certificate | null> {
    if (bytes === null) return null;
    const { X509Certificate } = await this.#load();
    try {
      return new X509Certificate(typeof bytes === "string" ? bytes : new Uint8Array(bytes));
    } catch {
      return null;
    }
  }

  #load(): Promise<X509> {
    return this.#x509 ??= import("./x509.ts");
  }
}

/** Whoever signs others is no client, and a server, or who signs code, is another one. Without any purpose it is for all of them. */
function isOfClient(certificate: Certificate): boolean {
  const constraints = certificate.getExtension("2.5.29.19");
  if (constraints && "ca" in constraints && constraints.ca) return false;
  const purposes = certificate.getExtension("2.5.29.37");
  return !purposes || "usages" in purposes && (purposes.usages as string[]).includes(CLIENT_AUTH);
}

/** The one URI among the names that the certificate is for; undefined: there is none, or more than one. */
function uriOf(certificate: Certificate): string | undefined {
  const names = certificate.getExtension("2.5.29.17");
  if (!names || !("names" in names)) return undefined;
  const { items } = names.names as { items: { type: string; value: string }[] };
  const uris = items.filter(({ type }) => type === "url");
  return uris.length === 1 ? uris[0]!.value : undefined;
}

function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function spelled(date: Date): string {
  return Number.isNaN(date.getTime()) ? "no time" : date.toISOString();
}

function unreadable(): Denied {
  return { status: 401, reason: "unreadable", error: "Cannot read the certificate" };
}

function denied(reason: Denied["reason"], why: string): Denied {
  return { status: 401, reason, error: `Cannot believe the certificate: ${why}` };
}
