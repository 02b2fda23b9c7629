// Who may do what in a check: a signing key of its own, an edge's key that is believed of that edge alone, and tokens by the first.
import { AUDIENCE } from "../../identity/settings.ts";
import { createSigningKey, keySetText, publicKeyOf, type SigningKey } from "../../identity/pki/signing_keys.ts";
import { type Role, signToken } from "../../identity/pki/tokens.ts";

const ISSUER = "slipstream://check";
const LIFE_S = 3600;

export class Proofs {
  readonly edgeName: string;
  readonly #key: SigningKey;
  readonly #edgeKey: SigningKey;

  private constructor(of: { edgeName: string; key: SigningKey; edgeKey: SigningKey }) {
    this.edgeName = of.edgeName;
    this.#key = of.key;
    this.#edgeKey = of.edgeKey;
  }

  static async create(edgeName: string): Promise<Proofs> {
    return new Proofs({ edgeName, key: await createSigningKey(), edgeKey: await createSigningKey() });
  }

  /** As one would set them for an app of the platform; all its isolates have the same. */
  get edgeEnv(): Record<string, string> {
    return {
      ...this.aggregatorEnv,
      SLIPSTREAM_EDGE_ID: this.edgeName,
      SLIPSTREAM_UPLINK_TOKEN_KEY: JSON.stringify({ ...this.#edgeKey.jwk, sub: this.#edge }),
    };
  }

  get aggregatorEnv(): Record<string, string> {
    const edge = { ...publicKeyOf(this.#edgeKey), sub: this.#edge };
    return { SLIPSTREAM_TOKEN_KEYS: keySetText([publicKeyOf(this.#key), edge]) };
  }

  /** By which a drone is let in. */
  droneToken(droneId: string): Promise<string> {
    return this.#sign(`drone/${droneId}`, null);
  }

  /** By which the API may be asked. */
  adminToken(): Promise<string> {
    return this.#sign("person/check", "admin");
  }

  get #edge(): string {
    return `${ISSUER}/edge/${this.edgeName}`;
  }

  #sign(who: string, role: Role | null): Promise<string> {
    const fromS = Math.floor(Date.now() / 1000);
    return signToken(this.#key, {
      ...{
        jti: crypto.randomUUID(),
        issuer: ISSUER,
        audience: AUDIENCE,
        subject: `${ISSUER}/${who}`,
        role,
        boundTo: null,
      },
      ...{ fromS, untilS: fromS + LIFE_S },
    });
  }
}
