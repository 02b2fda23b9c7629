// A PKI in a folder of its own, and what it issues, as a gate and a client see it.
import { join } from "node:path";
import { generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { createPki, Pki } from "../../identity/pki/pki.ts";
import { FILES } from "../../identity/pki/files.ts";
import type { IdentityConfig } from "../../identity/settings.ts";
import { X509Certificate } from "../../identity/x509.ts";

const FLEET = "test";

interface TokenOf {
  role: "viewer" | "operator" | "admin" | null;
  audience: string;
  minutes: number;
  boundTo: string | null;
}

/** Removed when it is disposed of. */
export class Authority implements AsyncDisposable {
  readonly folder: string;
  /** Unix ms; may be set, to issue what has ended, or has not begun. */
  now: () => number;

  private constructor(folder: string, now: () => number) {
    this.folder = folder;
    this.now = now;
  }

  /** `now`: Unix ms. */
  static async create({ now = Date.now }: { now?: () => number } = {}): Promise<Authority> {
    const folder = join(await Deno.makeTempDir({ prefix: "slipstream-pki-" }), "pki");
    await createPki(folder, { fleet: FLEET, nowMs: now() });
    return new Authority(folder, now);
  }

  path(name: keyof typeof FILES): string {
    return join(this.folder, FILES[name]);
  }

  /** Settings by which it is believed. */
  config(of: Partial<IdentityConfig> = {}): IdentityConfig {
    return {
      ...{
        tls: null,
        people: null,
        ca: this.path("root"),
        revoked: this.path("revoked"),
        fleets: new Set(),
        proxies: new Set(),
      },
      tokens: { keys: this.path("keySet"), issuer: null, audience: "slipstream" },
      ...of,
    };
  }

  async use<T>(fn: (pki: Pki) => Promise<T>): Promise<T> {
    using pki = await Pki.open(this.folder, { now: this.now });
    return await fn(pki);
  }

  /** Path of a certificate and its key. */
  certificate(kind: "drone" | "edge", id: string, hours = 24): Promise<string> {
    return this.use(async (pki) => this.#within(await pki.issueTo({ kind, id }, { hours })));
  }

  server(): Promise<string> {
    return this.use(async (pki) => this.#within(await pki.issueToServer(["localhost", "127.0.0.1"], { hours: 24 })));
  }

  token(kind: "drone" | "edge" | "person", id: string, of: Partial<TokenOf> = {}): Promise<string> {
    const { role = null, audience = "slipstream", minutes = 60, boundTo = null } = of;
    return this.use((pki) => pki.issueToken({ kind, id, role, audience, minutes, boundTo }));
  }

  /** Does something as if so many ms had passed. */
  async at<T>(laterMs: number, fn: () => Promise<T>): Promise<T> {
    const { now } = this;
    this.now = () => now() + laterMs;
    try {
      return await fn();
    } finally {
      this.now = now;
    }
  }

  #within(path: string): string {
    return path.startsWith(this.folder) ? path : join(this.folder, path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(join(this.folder, ".."), { recursive: true });
  }
}

/** As TLS hands a certificate over. */
export async function derOf(path: string): Promise<Uint8Array> {
  return new Uint8Array(new X509Certificate(await certificatePem(path)).rawData);
}

/** Without its key. */
export async function certificatePem(path: string): Promise<string> {
  const pem = await Deno.readTextFile(path);
  return /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.exec(pem)![0];
}

/** A token that somebody else signed, by the header and claims of a good one but for what is given. */
export async function forged(token: string, claims: JWTPayload = {}): Promise<string> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519" });
  const [header = "", payload = ""] = token.split(".");
  return await new SignJWT({ ...parsed(payload), ...claims })
    .setProtectedHeader({ ...parsed(header), alg: "EdDSA" })
    .sign(privateKey);
}

/** The same claims, signed by nobody. */
export function unsigned(token: string): string {
  const header = btoa(JSON.stringify({ alg: "none", typ: "JWT" })).replace(/=+$/, "");
  return `${header}.${token.split(".")[1]}.`;
}

function parsed(part: string): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(part, { alphabet: "base64url" })));
}
