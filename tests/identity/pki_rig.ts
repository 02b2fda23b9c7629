// A PKI of a test: in a folder of its own, at a time of its own.
import { join } from "node:path";
import { type Issued, parseIssued } from "../../identity/pki/issued.ts";
import { createPki, Pki } from "../../identity/pki/pki.ts";
import { parseRevocationList, type Revocation } from "../../identity/revocation_list.ts";

export class PkiRig implements AsyncDisposable {
  readonly path: string;
  nowMs: number;

  private constructor(path: string, nowMs: number) {
    this.path = path;
    this.nowMs = nowMs;
  }

  /** @param nowMs what its clock shows; by default the host's time, for TLS clients that read that */
  static async create({ fleet = "fleet", nowMs = Date.now() } = {}): Promise<PkiRig> {
    const path = await Deno.makeTempDir({ prefix: "slipstream-pki-" });
    await createPki(path, { fleet, nowMs });
    return new PkiRig(path, nowMs);
  }

  open(): Promise<Pki> {
    return Pki.open(this.path, { now: () => this.nowMs });
  }

  /** Opens it for one call. */
  async with<Result>(use: (pki: Pki) => Result | Promise<Result>): Promise<Result> {
    using pki = await this.open();
    return await use(pki);
  }

  drone(id: string): Promise<string> {
    return this.with((pki) => pki.issueTo({ kind: "drone", id }, { hours: 24 }));
  }

  token(id: string, minutes = 60): Promise<string> {
    const rest = { role: null, boundTo: null, audience: "slipstream" };
    return this.with((pki) => pki.issueToken({ ...rest, kind: "drone", id, minutes }));
  }

  revokeDrone(id: string, reason = ""): Promise<Issued[]> {
    return this.with((pki) => pki.revoke(pki.allOf({ kind: "drone", id }), { reason }));
  }

  file(name: string): string {
    return join(this.path, name);
  }

  read(name: string): string {
    return Deno.readTextFileSync(this.file(name));
  }

  issued(): Issued[] {
    return parseIssued(this.read("issued.jsonl"));
  }

  revocations(): Revocation[] {
    return parseRevocationList(this.read("revoked.txt"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
