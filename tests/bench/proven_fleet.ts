// Drones of a benchmark that prove who they are: what each brings, and the edge that lets them in.
import { DemoIdentity } from "../../sim/demo_identity.ts";
import { join } from "node:path";
import { FILES } from "../../identity/pki/files.ts";
import { Pki } from "../../identity/pki/pki.ts";
import { edgeEnvOf, type Way } from "../e2e/ways.ts";
import { type LoadProof, NO_PROOF } from "./load_socket.ts";

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
    const tokens = await pki.issueTokens(droneIds.map((id) => ({ ...of, ...LIFE, id })));
    const proofs = {
      plain: droneIds.map(() => NO_PROOF),
      token: tokens.map((token) => ({ ...NO_PROOF, ca, token })),
      mTLS: certificates.map((certificate) => ({ ...NO_PROOF, ca, certificate })),
    };
    return new ProvenFleet({ identity, folder, proofs });
  }

  /** Settings of an edge to which drones come that way, and no other. */
  edgeEnv(way: Way): Record<string, string> {
    return edgeEnvOf(way, this.identity);
  }

  proofs(way: Way, count: number): LoadProof[] {
    return this.#proofs[way].slice(0, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.identity.close();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
