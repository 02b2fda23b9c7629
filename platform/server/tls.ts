// TLS 1.3 ended here: the server's certificate and the CA of its clients come from files that are looked at again, and what a
// client shows is verified once more where its session is resumed: this runtime then believes what it verified before,
// whatever has expired or is of another CA since, and tickets cannot be turned off.
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Server as HttpsServer, ServerOptions } from "node:https";
import type { TLSSocket } from "node:tls";
import type { Platform } from "../system.ts";
import { type Peer, plainAddress } from "./peer.ts";

/** PEM files, and what they are asked for. */
export interface TlsSettings {
  certificatePath: string;
  keyPath: string;
  /** Whose certificates prove a client; null: none does. */
  caPath: string | null;
  /** A client without a certificate is let through, as one who has proven nothing yet; one with a wrong one never is. */
  certificateOptional: boolean;
  /** Unix ms. */
  now: () => number;
  /** Told until when the server's certificate is valid, at first and each time that it changes. Unix ms. */
  onValidUntil?: (ms: number) => void;
}

const LOOK_MS = 1000;
/** One file may have both. */
const PEM_KEY = /-----BEGIN (\w+ )?PRIVATE KEY-----[^-]+-----END (\w+ )?PRIVATE KEY-----/;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What the files hold. */
interface Material {
  cert: string;
  key: string;
  /** Null: nobody is asked for a certificate. */
  ca: string | null;
}

export class TlsEnd {
  readonly #settings: TlsSettings;
  #material: Material;
  #authorities: X509Certificate[];

  private constructor(settings: TlsSettings, material: Material) {
    this.#settings = settings;
    this.#material = material;
    this.#authorities = certificatesOf(material.ca ?? "");
  }

  /** @throws {TypeError} when a file cannot be read, or is not what it must be */
  static async open(settings: TlsSettings): Promise<TlsEnd> {
    const material = await read(settings);
    tellValidity(material, settings);
    return new TlsEnd(settings, material);
  }

  /** `protocol`: the name that TLS has for it (ALPN). */
  optionsFor(protocol: "http/1.1" | "mqtt" | "mavlink"): ServerOptions {
    const { cert, key, ca } = this.#material;
    return {
      ...{ cert, key, minVersion: "TLSv1.3", requestCert: ca !== null, ...ca !== null && { ca } },
      // Otherwise it is judged by `peerOf`: in the handshake there is no letting through only who has none.
      rejectUnauthorized: !this.#settings.certificateOptional,
      ALPNProtocols: [protocol],
    };
  }

  /** Has the server use the files when they have changed; connections that are open go on. @returns what ends it */
  keepFresh(
    server: Pick<HttpsServer, "setSecureContext">,
    { every, log, protocol }: Pick<Platform, "every" | "log"> & { protocol: "http/1.1" | "mqtt" | "mavlink" },
  ): () => void {
    let failed = "";
    const look = async () => {
      try {
        const material = await read(this.#settings);
        failed = "";
        if (isSame(material, this.#material)) return;
        this.#material = material;
        tellValidity(material, this.#settings);
        this.#authorities = certificatesOf(material.ca ?? "");
        server.setSecureContext(this.optionsFor(protocol));
        log("info", `certificates changed, this server's is valid until ${new X509Certificate(material.cert).validTo}`);
      } catch (error) {
        const why = `Cannot use the new certificates, the old ones stay: ${messageOf(error)}`;
        if (why !== failed) log("warn", why);
        failed = why;
      }
    };
    return every(LOOK_MS, () => void look());
  }

  /** Who has ended the handshake; null: nobody who may be heard. */
  peerOf(socket: TLSSocket): Peer | null {
    const { raw } = socket.getPeerCertificate();
    const certificate = raw === undefined ? null : Uint8Array.from(raw);
    const isProven = certificate === null
      ? this.#settings.certificateOptional
      : socket.authorized && (!socket.isSessionReused() || this.#isStillValid(certificate));
    if (!isProven) return null;
    return {
      address: plainAddress(socket.remoteAddress ?? ""),
      tls: { protocol: socket.getProtocol() ?? "", certificate },
    };
  }

  #isStillValid(der: Uint8Array): boolean {
    const certificate = new X509Certificate(der);
    const nowMs = this.#settings.now();
    if (nowMs < Date.parse(certificate.validFrom) || nowMs > Date.parse(certificate.validTo)) return false;
    return this.#authorities.some((of) => certificate.checkIssued(of) && certificate.verify(of.publicKey));
  }
}

/** Why a handshake did not succeed; null: its peer has left, maybe as it does not trust this server, and was not refused. */
export function refusalOfHandshake(
  { code }: Error & { code?: string },
  { authorizationError }: TLSSocket,
): "handshake" | "certificate" | null {
  if (authorizationError || code === "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE") return "certificate";
  return code === "ECONNRESET" ? null : "handshake";
}

function tellValidity({ cert }: Material, { onValidUntil }: TlsSettings): void {
  onValidUntil?.(Date.parse(new X509Certificate(cert).validTo));
}

async function read({ certificatePath, keyPath, caPath }: TlsSettings): Promise<Material> {
  const text = async (path: string) => {
    try {
      return await Deno.readTextFile(path);
    } catch (error) {
      throw new TypeError(`Cannot read ${path}: ${messageOf(error)}`, { cause: error });
    }
  };
  const [cert, key, ca] = [
    await text(certificatePath),
    await text(keyPath),
    caPath === null ? null : await text(caPath),
  ];
  const keyPem = PEM_KEY.exec(key)?.[0];
  if (keyPem === undefined) throw new TypeError(`Cannot use ${keyPath}: there is no private key in it`);
  const [own] = certificatesOf(cert);
  if (!own) throw new TypeError(`Cannot use ${certificatePath}: there is no certificate in it`);
  if (ca !== null && certificatesOf(ca).length === 0) {
    throw new TypeError(`Cannot use ${caPath}: there is no certificate in it`);
  }
  // Of a key and a certificate that are replaced one after the other, the first comes alone for a moment.
  if (!own.checkPrivateKey(privateKey(keyPem, keyPath))) {
    throw new TypeError(`Cannot use ${certificatePath}: it is not the certificate of the key in ${keyPath}`);
  }
  return { cert, key: keyPem, ca };
}

function privateKey(pem: string, path: string) {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new TypeError(`Cannot use ${path}: there is no private key in it`, { cause: error });
  }
}

function certificatesOf(pem: string): X509Certificate[] {
  return Array.from(pem.match(PEM_CERTIFICATE) ?? [], (text) => new X509Certificate(text));
}

function isSame(a: Material, b: Material): boolean {
  return a.cert === b.cert && a.key === b.key && a.ca === b.ca;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
