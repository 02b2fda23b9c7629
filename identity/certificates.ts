// Client certificates → identities. What ends TLS has verified the chain; here it is read who that is. A proxy that ends TLS hands
// the certificate on in a header: then the signature is verified here again.
import { type Denied, type Identity } from "./identity.ts";
import { serialOf } from "./revocation_list.ts";
import { ofSubject } from "./subjects.ts";

type X509 = typeof import("./x509.ts");
type Certificate = InstanceType<X509["X509Certificate"]>;

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
    if (!await this.#isSigned(certificate)) {
      return { status: 401, reason: "forged", error: "Cannot believe the certificate: its authority is not ours" };
    }
    return this.#identityOf(certificate);
  }

  #identityOf(certificate: Certificate): Identity | Denied {
    const { fleets, nowMs } = this.#parts;
    const { notBefore, notAfter, serialNumber } = certificate;
    if (notAfter.getTime() <= nowMs()) {
      return {
        status: 401,
        reason: "expired",
        error: `Cannot believe the certificate: it ended at ${notAfter.toISOString()}`,
      };
    }
    if (notBefore.getTime() > nowMs()) {
      return {
        status: 401,
        reason: "not-yet",
        error: `Cannot believe the certificate: it begins at ${notBefore.toISOString()}`,
      };
    }
    const subject = ofSubject(uriOf(certificate), { fleets, role: null, droneIds: [] });
    if ("error" in subject) return subject;
    return {
      ...subject,
      proof: `certificate ${serialOf(serialNumber)}`,
      issuedMs: notBefore.getTime(),
      expiresMs: notAfter.getTime(),
    };
  }

  async #isSigned(certificate: Certificate): Promise<boolean> {
    const { X509Certificate, PemConverter } = await this.#load();
    for (const raw of PemConverter.decode(this.#parts.authorities())) {
      const authority = new X509Certificate(raw);
      if (authority.subject !== certificate.issuer) continue;
      if (await certificate.verify({ publicKey: authority, date: new Date(this.#parts.nowMs()) }).catch(() => false)) {
        return true;
      }
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

/** The URI among the names that the certificate is for; undefined: there is none, or more than one. */
function uriOf(certificate: Certificate): string | undefined {
  const names = certificate.getExtension("2.5.29.17");
  if (!names || !("names" in names)) return undefined;
  const { items } = names.names as { items: { type: string; value: string }[] };
  const uris = items.filter(({ type, value }) => type === "url" && value.startsWith("slipstream:"));
  return uris.length === 1 ? uris[0]!.value : undefined;
}

function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function unreadable(): Denied {
  return { status: 401, reason: "unreadable", error: "Cannot read the certificate" };
}
