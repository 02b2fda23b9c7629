// What the files of a PKI are called.
import { join } from "node:path";
import { escaped } from "../uri.ts";

export const FILES = {
  /** The root's certificate: whoever checks a certificate believes it. */
  root: "ca.pem",
  rootKey: "ca.key.pem",
  /** Revoked certificates, for TLS servers. */
  crl: "ca.crl",
  /** Signs tokens. */
  tokenKey: "token.key.json",
  /** By which tokens are checked. */
  keySet: "tokens.jwks.json",
  revoked: "revoked.txt",
  issued: "issued.jsonl",
} as const;

/** Where a certificate and its key are: no id, however odd, leads out of the folder or to the file of another kind. */
export function fileName(kind: string, id: string): string {
  return join("issued", `${kind}-${escaped(id)}.pem`);
}
