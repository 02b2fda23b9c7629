// Who is who in a demo with identities: a PKI that lasts as long as the demo, and what each of its processes proves by it.
import { join } from "node:path";
import { createPki, Pki } from "../identity/pki/pki.ts";
import { FILES } from "../identity/pki/files.ts";
import type { Asker } from "./observer.ts";

const HOURS = 24;
const TOKEN_MINUTES = 60;
/** A token that lives less long than this is replaced. */
const TOKEN_LEFT_MS_MIN = 600_000;
const EDGE_ID = "edge-1";

export class DemoIdentity implements Asker {
  readonly folder: string;
  readonly #now: () => number;
  readonly #files: { server: string; edge: string };
  readonly #client: Deno.HttpClient;
  #token = { text: "", untilMs: -Infinity };

  private constructor(of: { folder: string; now: () => number; files: { server: string; edge: string }; ca: string }) {
    this.folder = of.folder;
    this.#now = of.now;
    this.#files = of.files;
    this.#client = Deno.createHttpClient({ caCerts: [of.ca] });
  }

  /** `folder`: where there is none yet; `now`: Unix ms. */
  static async create(folder: string, { now }: { now: () => number }): Promise<DemoIdentity> {
    await createPki(folder, { fleet: "demo", nowMs: now() });
    using pki = await Pki.open(folder, { now });
    const files = {
      server: await pki.issueToServer(["localhost", "127.0.0.1", "::1"], { hours: HOURS }),
      edge: await pki.issueTo({ kind: "edge", id: EDGE_ID }, { hours: HOURS }),
    };
    return new DemoIdentity({ folder, now, files, ca: await Deno.readTextFile(join(folder, FILES.root)) });
  }

  /** Settings of the aggregator. */
  get aggregatorEnv(): Record<string, string> {
    return {
      SLIPSTREAM_TLS_CERT: this.#files.server,
      SLIPSTREAM_TLS_CA: join(this.folder, FILES.root),
      SLIPSTREAM_TOKEN_KEYS: join(this.folder, FILES.keySet),
      SLIPSTREAM_REVOKED: join(this.folder, FILES.revoked),
    };
  }

  /** Settings of the edge. */
  get edgeEnv(): Record<string, string> {
    return {
      ...this.aggregatorEnv,
      SLIPSTREAM_EDGE_ID: EDGE_ID,
      SLIPSTREAM_UPLINK_CA: join(this.folder, FILES.root),
      SLIPSTREAM_UPLINK_CERT: this.#files.edge,
    };
  }

  /** Of somebody who may do everything. */
  async token(): Promise<string> {
    if (this.#token.untilMs - this.#now() > TOKEN_LEFT_MS_MIN) return this.#token.text;
    using pki = await Pki.open(this.folder, { now: this.#now });
    const of = { kind: "person", id: "demo", role: "admin", audience: "slipstream", boundTo: null } as const;
    const text = await pki.issueToken({ ...of, minutes: TOKEN_MINUTES });
    this.#token = { text, untilMs: this.#now() + TOKEN_MINUTES * 60_000 };
    return text;
  }

  async ask(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...init.headers, authorization: `Bearer ${await this.token()}` };
    return await fetch(url, { ...init, headers, client: this.#client });
  }

  close(): void {
    this.#client.close();
  }
}
