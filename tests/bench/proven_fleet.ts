// Drones of a benchmark that prove who they are: what each brings, and the edge that lets them in.
import { DemoIdentity } from "../../sim/demo_identity.ts";
import { join } from "node:path";
import { FILES } from "../../identity/pki/files.ts";
import { Pki } from "../../identity/pki/pki.ts";
import { type LoadProof, NO_PROOF } from "./load_socket.ts";

/** How drones come: without a proof on plain TCP, by a token over TLS, or by a certificate. */
export const WAYS = ["plain", "token", "mTLS"] as const;
export type Way = (typeof WAYS)[number];

const LIFE = { hours: 24, minutes: 60 };
const of = { kind: "drone", role: null, boundTo: null, audience: "slipstream" } as const;

export class ProvenFleet implements AsyncDisposable {
  readonly identity: DemoIdentity;
  readonly #folder: string;
  readonly #proofs: Record<Way, LoadProof[]>;

  private constructor(parts: { identity: DemoIdentity; folder: string; proofs: Record<Way, LoadProof[]> }) {
    this.identity = parts.identity;
    this.#folder = parts.folder;
    this.#proofs = parts.proofs;
  }

  static async create(droneIds: readonly string[]): Promise<ProvenFleet> {
    const folder = await Deno.makeTempDir({ prefix: "slipstream-bench-" });
    const identity = await DemoIdentity.create(folder, { now: Date.now });
    const ca = await Deno.readTextFile(join(folder, FILES.root));
    using pki = await Pki.open(folder, { now: Date.now });
    const certificates = await pki.issueAll(droneIds.map((id) => ({ kind: "drone", id })), LIFE);
    const tokens: string[] = [];
    for (const id of droneIds) tokens.push(await pki.issueToken({ ...of, ...LIFE, id }));
    const proofs = {
      plain: droneIds.map(() => NO_PROOF),
      token: tokens.map((token) => ({ ...NO_PROOF, ca, token })),
      mTLS: certificates.map((certificate) => ({ ...NO_PROOF, ca, certificate })),
    };
    return new ProvenFleet({ identity, folder, proofs });
  }

  /** Settings of an edge to which drones come that way, and no other. */
  edgeEnv(way: Way): Record<string, string> {
    if (way === "plain") return {};
    const { SLIPSTREAM_TLS_CA, ...others } = this.identity.edgeEnv;
    return way === "token" ? others : { ...others, SLIPSTREAM_TLS_CA: SLIPSTREAM_TLS_CA! };
  }

  proofs(way: Way, count: number): LoadProof[] {
    return this.#proofs[way].slice(0, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.identity.close();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
