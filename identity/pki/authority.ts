// The root that signs certificates and their revocation list: ECDSA on P-256, which everybody who speaks TLS accepts.
// Browsers refuse certificates of Ed25519 keys, and most security chips and PKCS #11 tokens have none.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { isIP } from "node:net";
import { serialOf } from "../revocation_list.ts";

const KEY = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };
const SERIAL_BYTES = 16;
const ROOT_DAYS = 3650;
const DAY_MS = 86_400_000;
/** Clocks of those who check a certificate may be behind that much. */
export const BACKDATED_S = 60;

export interface Authority {
  fleet: string;
  certificate: x509.X509Certificate;
  key: CryptoKey;
}

/** What a certificate says of whom. */
export interface Claim {
  /** What its holder is, for people: it proves nothing. */
  title: string;
  /** The identity that it proves, if it is not a server's. */
  uri: string | null;
  /** Host names and addresses of a server. */
  names: readonly string[];
  usage: "client" | "server";
  fromS: number;
  untilS: number;
}

/** A new root, and its key, as PEM. */
export async function createRoot(fleet: string, nowMs: number): Promise<{ certificate: string; key: string }> {
  const keys = await crypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: subjectOf(fleet, "Slipstream root"),
    notBefore: new Date(nowMs - BACKDATED_S * 1000),
    notAfter: new Date(nowMs + ROOT_DAYS * DAY_MS),
    signingAlgorithm: SIGNATURE,
    keys,
    extensions: [
      // It signs those who hold certificates, and nobody who signs others.
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pemOf(certificate), key: await privatePem(keys.privateKey) };
}

/** A root that `createRoot` made. */
export async function loadRoot({ certificate, key }: { certificate: string; key: string }): Promise<Authority> {
  const root = new x509.X509Certificate(certificate);
  const [fleet] = root.subjectName.getField("O");
  const pkcs8 = x509.PemConverter.decodeFirst(key);
  return {
    fleet: fleet!,
    certificate: root,
    key: await crypto.subtle.importKey("pkcs8", pkcs8, KEY, false, ["sign"]),
  };
}

/** A new key, the certificate of its holder, and that one's serial number. One PEM text: TLS tools take both out of one file. */
export async function certify(
  { fleet, certificate: root, key }: Authority,
  { title, uri, names, usage, fromS, untilS }: Claim,
): Promise<{ serial: string; pem: string }> {
  if (untilS * 1000 > root.notAfter.getTime()) {
    throw new Error(`Cannot issue a certificate: the root ends before it, on ${root.notAfter.toISOString()}`);
  }
  const serialNumber = newSerial();
  const keys = await crypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
  const purpose = usage === "client" ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth;
  const alternatives: x509.JsonGeneralNames = [
    ...uri === null ? [] : [{ type: "url", value: uri } as const],
    ...names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value }) as const),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber,
    subject: subjectOf(fleet, title),
    issuer: root.subjectName.toJSON(),
    notBefore: new Date(fromS * 1000),
    notAfter: new Date(untilS * 1000),
    publicKey: keys.publicKey,
    signingKey: key,
    signingAlgorithm: SIGNATURE,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([purpose]),
      new x509.SubjectAlternativeNameExtension(alternatives),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(root.publicKey),
    ],
  });
  return { serial: serialOf(serialNumber)!, pem: pemOf(certificate) + await privatePem(keys.privateKey) };
}

function subjectOf(fleet: string, title: string): x509.JsonName {
  return [{ O: [fleet] }, { CN: [title] }];
}

/** Positive and of full length, however it is encoded: its first digit is from 4 to 7. */
function newSerial(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SERIAL_BYTES));
  bytes[0] = 0x40 | bytes[0]! & 0x3f;
  return bytes.toHex();
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

async function privatePem(key: CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}
