// A gate with a PKI of its own, at a time that a test sets, and what somebody brings to it.
import { SignJWT } from "jose";
import type { Asking, Refused } from "../../identity/gate.ts";
import type { Action, Identity } from "../../identity/identity.ts";
import { type Entrance, openGate } from "../../identity/open.ts";
import { privateKeyOf, readSigningKey } from "../../identity/pki/signing_keys.ts";
import type { IdentityConfig } from "../../identity/settings.ts";
import { Authority } from "./authority.ts";
import { Hands } from "./hands.ts";

export interface Brought {
  token?: string;
  der?: Uint8Array;
  headers?: Record<string, string>;
  address?: string;
}

export function asking({ token, der, headers = {}, address = "10.0.0.9" }: Brought): Asking {
  const all = new Headers(headers);
  if (token !== undefined) all.set("authorization", `Bearer ${token}`);
  return {
    ...{ method: "GET", path: "/v1/telemetry", headers: all },
    peer: { address, tls: der === undefined ? null : { protocol: "TLSv1.3", certificate: der } },
  };
}

/** Whoever is let in by it, as its URI; or why not. */
export async function outcomeOf(
  gate: Pick<Entrance, "admit">,
  { action = "publish", ...brought }: Brought & { action?: Action },
): Promise<string> {
  const outcome = await gate.admit(asking(brought), action);
  return "error" in outcome ? `${outcome.status} ${outcome.reason}` : outcome.uri;
}

/** The gate is opened anew with each `open`. */
export class GateRig implements AsyncDisposable {
  readonly hands: Hands;
  readonly authority: Authority;
  #gate: Entrance | null = null;

  private constructor(hands: Hands, authority: Authority) {
    this.hands = hands;
    this.authority = authority;
  }

  static async open(of: Partial<IdentityConfig> = {}): Promise<GateRig> {
    const hands = new Hands();
    const rig = new GateRig(hands, await Authority.create({ now: () => hands.ms }));
    await rig.open(of);
    return rig;
  }

  async open(of: Partial<IdentityConfig> = {}): Promise<void> {
    this.#gate?.close();
    this.#gate = await openGate(this.authority.config(of), { platform: this.hands.platform, shared: new Set() });
  }

  get gate(): Entrance {
    return this.#gate!;
  }

  outcomeOf(brought: Brought & { action?: Action }): Promise<string> {
    return outcomeOf(this.gate, brought);
  }

  admit(brought: Brought, action: Action = "publish"): Promise<Identity | Refused> {
    return this.gate.admit(asking(brought), action);
  }

  async admitted(brought: Brought, action: Action = "publish"): Promise<Identity> {
    const outcome = await this.admit(brought, action);
    if ("error" in outcome) throw new Error(outcome.error);
    return outcome;
  }

  /** A token of the authority's key: good but for what is given, of drone `a`. */
  async signed(claims: Record<string, unknown>, header: Record<string, unknown> = {}): Promise<string> {
    const key = readSigningKey(await Deno.readTextFile(this.authority.path("tokenKey")));
    const token = new SignJWT({ ...this.claims(), ...claims });
    return await token.setProtectedHeader({ alg: "EdDSA", kid: key.kid, ...header }).sign(await privateKeyOf(key));
  }

  /** Good ones. */
  claims(): Record<string, unknown> {
    const nowS = Math.floor(this.hands.ms / 1000);
    const named = { iss: "slipstream://test", aud: "slipstream", sub: "slipstream://test/drone/a" };
    return { ...named, iat: nowS, exp: nowS + 60, jti: "j" };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gate?.close();
    await this.authority[Symbol.asyncDispose]();
  }
}
