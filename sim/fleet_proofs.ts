// Certificates of a simulated fleet: each drone has its own, of the PKI in a folder, and gets a new one long before it ends.
import { join } from "node:path";
import { FILES } from "../identity/pki/files.ts";
import { Pki } from "../identity/pki/pki.ts";
import { connectPromptly } from "../platform/prompt_socket.ts";
import type { Platform } from "../platform/system.ts";
import { TELEMETRY_SUBPROTOCOL } from "../proto/words.ts";

export interface FleetProofsParts {
  /** Of the PKI. */
  folder: string;
  droneIds: readonly string[];
  /** How long a certificate is valid, in hours. */
  hours?: number;
  platform: Pick<Platform, "now" | "every" | "log">;
}

/** When half of its time has passed a certificate is replaced; then a connection by the old one goes on for a while. */
const REPLACED_SHARE = 0.5;
const RENEWED_SHARE = 0.6;

export class FleetProofs {
  readonly #parts: FleetProofsParts;
  readonly #lifeMs: number;
  readonly #authorities: string;
  /** PEM of certificate and key, by drone. */
  readonly #own = new Map<string, string>();
  readonly #cancel: () => void;

  private constructor(parts: FleetProofsParts, authorities: string) {
    this.#parts = parts;
    this.#authorities = authorities;
    this.#lifeMs = (parts.hours ?? 24) * 3_600_000;
    this.#cancel = parts.platform.every(this.#lifeMs * REPLACED_SHARE, () => {
      this.#issue().catch((error) => parts.platform.log("warn", `Cannot renew certificates: ${error}`));
    });
  }

  /** @throws {Error} when there is no PKI in the folder */
  static async open(parts: FleetProofsParts): Promise<FleetProofs> {
    const proofs = new FleetProofs(parts, await Deno.readTextFile(join(parts.folder, FILES.root)));
    await proofs.#issue();
    return proofs;
  }

  /** A connection on which the drone proves who it is. */
  connect(url: string, droneId: string): WebSocket {
    const pem = this.#own.get(droneId);
    if (pem === undefined) throw new Error(`Cannot connect ${droneId}: it has no certificate`);
    return connectPromptly(url, TELEMETRY_SUBPROTOCOL, { tls: { ca: this.#authorities, cert: pem, key: pem } });
  }

  /** How long a connection goes on before another one, by a new certificate, takes over. */
  get renewAfterMs(): number {
    return this.#lifeMs * RENEWED_SHARE;
  }

  close(): void {
    this.#cancel();
  }

  async #issue(): Promise<void> {
    const { folder, droneIds, platform: { now }, hours = 24 } = this.#parts;
    using pki = await Pki.open(folder, { now });
    const ids = [...new Set(droneIds)];
    const issued = await pki.issueAll(ids.map((id) => ({ kind: "drone", id })), { hours });
    for (const [i, id] of ids.entries()) this.#own.set(id, issued[i]!);
  }
}
