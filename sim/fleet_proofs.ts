// By what each drone of a simulated fleet proves who it is: its own certificate or token, of the PKI in a folder, and a new one
// long before that ends.
import { join } from "node:path";
import { FILES } from "../identity/pki/files.ts";
import { Pki } from "../identity/pki/pki.ts";
import { connectPromptly, type SocketProof } from "../platform/prompt_socket.ts";
import type { Platform } from "../platform/system.ts";
import { TELEMETRY_SUBPROTOCOL } from "../proto/words.ts";

/** What a drone can show. */
export const PROOF_KINDS = ["certificate", "token"] as const;
export type ProofKind = typeof PROOF_KINDS[number];

export interface FleetProofsParts {
  /** Of the PKI. */
  folder: string;
  kind: ProofKind;
  droneIds: readonly string[];
  /** How long a proof is valid, in hours; a token not longer than one. */
  hours?: number;
  platform: Pick<Platform, "now" | "every" | "log">;
}

const HOURS = { certificate: 24, token: 1 };
/** When half of its time has passed a proof is replaced; then a connection by the old one goes on for a while. */
const REPLACED_SHARE = 0.5;
const RENEWED_SHARE = 0.6;

export class FleetProofs {
  readonly #parts: FleetProofsParts;
  readonly #hours: number;
  /** PEM of the server's authority. */
  readonly #ca: string;
  /** By drone. */
  readonly #own = new Map<string, SocketProof>();
  readonly #cancel: () => void;

  private constructor(parts: FleetProofsParts, ca: string) {
    this.#parts = parts;
    this.#ca = ca;
    this.#hours = parts.hours ?? HOURS[parts.kind];
    this.#cancel = parts.platform.every(this.#hours * 3_600_000 * REPLACED_SHARE, () => {
      this.#issue().catch((error) => parts.platform.log("warn", `Cannot renew ${parts.kind}s: ${error}`));
    });
  }

  /** @throws {Error} when there is no PKI in the folder */
  static async open(parts: FleetProofsParts): Promise<FleetProofs> {
    const proofs = new FleetProofs(parts, await readAuthority(parts.folder));
    try {
      await proofs.#issue();
    } catch (error) {
      proofs.close();
      throw error;
    }
    return proofs;
  }

  /** A connection on which the drone proves who it is. */
  connect(url: string, droneId: string): WebSocket {
    const proof = this.#own.get(droneId);
    if (!proof) throw new Error(`Cannot connect ${droneId}: it has no ${this.#parts.kind}`);
    return connectPromptly(url, TELEMETRY_SUBPROTOCOL, proof);
  }

  /** How long a connection goes on before another one, by a new proof, takes over. */
  get renewAfterMs(): number {
    return this.#hours * 3_600_000 * RENEWED_SHARE;
  }

  close(): void {
    this.#cancel();
  }

  async #issue(): Promise<void> {
    const { folder, kind, droneIds, platform: { now } } = this.#parts;
    const [hours, ca] = [this.#hours, this.#ca];
    const drones = [...new Set(droneIds)].map((id) => ({ kind: "drone" as const, id }));
    using pki = await Pki.open(folder, { now });
    if (kind === "certificate") {
      const issued = await pki.issueAll(drones, { hours });
      for (const [i, pem] of issued.entries()) this.#own.set(drones[i]!.id, { tls: { ca, cert: pem, key: pem } });
    } else {
      const terms = { role: null, boundTo: null, audience: "slipstream", minutes: hours * 60 };
      const issued = await pki.issueTokens(drones.map((drone) => ({ ...drone, ...terms })));
      for (const [i, token] of issued.entries()) {
        this.#own.set(drones[i]!.id, { tls: { ca }, headers: { authorization: `Bearer ${token}` } });
      }
    }
  }
}

async function readAuthority(folder: string): Promise<string> {
  try {
    return await Deno.readTextFile(join(folder, FILES.root));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`Cannot use ${folder}: there is no PKI in it; deno task pki init makes one`, { cause: error });
  }
}
