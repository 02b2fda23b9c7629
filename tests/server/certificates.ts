// A CA of a test's own and what it has signed, made by openssl; in a folder that goes with it.
import { runTool } from "./tools.ts";

/** PEM files. */
export interface Issued {
  certificatePath: string;
  keyPath: string;
}

export interface IssueOptions {
  /** Such as URI:slipstream://fleet/drone/d-1. */
  san?: string;
  /** serverAuth, clientAuth. */
  usage?: string;
  fromMs?: number;
  toMs?: number;
}

const HOUR_MS = 3_600_000;

/** As `openssl ca` has it: YYYYMMDDHHMMSSZ. */
const dateOf = (ms: number) => `${new Date(ms).toISOString().slice(0, 19).replaceAll(/\D/g, "")}Z`;

export class Authority implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<Authority> {
    const of = new Authority(await Deno.makeTempDir());
    const config = [
      ...["[ca]", "default_ca=own", "[own]", `database=${of.folder}/index`, `new_certs_dir=${of.folder}`],
      ...["default_md=sha256", "policy=any", "unique_subject=no", "rand_serial=yes", "[any]", "commonName=supplied"],
      ...["[req]", "distinguished_name=name", "[name]"],
    ];
    await Deno.writeTextFile(`${of.folder}/config`, config.join("\n"));
    await Deno.writeTextFile(`${of.folder}/index`, "");
    await of.#key(`${of.folder}/ca.key`);
    const uses = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"];
    const request = ["req", "-x509", "-new", "-config", `${of.folder}/config`, "-key", `${of.folder}/ca.key`];
    await runTool("openssl", [...request, "-subj", "/CN=test", "-days", "2", "-out", of.caPath, ...uses]);
    return of;
  }

  get caPath(): string {
    return `${this.folder}/ca.crt`;
  }

  /** For a server on this machine. */
  server(name = "server"): Promise<Issued> {
    return this.issue(name, { san: "DNS:localhost,IP:127.0.0.1", usage: "serverAuth" });
  }

  async issue(name: string, of: IssueOptions = {}): Promise<Issued> {
    const { san = `URI:slipstream://fleet/drone/${name}`, usage = "clientAuth" } = of;
    const { fromMs = Date.now() - HOUR_MS, toMs = Date.now() + HOUR_MS } = of;
    const [keyPath, certificatePath] = [`${this.folder}/${name}.key`, `${this.folder}/${name}.crt`];
    await this.#key(keyPath);
    const config = ["-config", `${this.folder}/config`];
    await Deno.writeTextFile(`${this.folder}/${name}.ext`, `subjectAltName=${san}\nextendedKeyUsage=${usage}`);
    const request = [
      "req",
      "-new",
      ...config,
      "-key",
      keyPath,
      "-subj",
      `/CN=${name}`,
      "-out",
      `${this.folder}/${name}.csr`,
    ];
    await runTool("openssl", request);
    const sign = ["ca", "-batch", "-notext", ...config, "-cert", this.caPath, "-keyfile", `${this.folder}/ca.key`];
    const times = ["-startdate", dateOf(fromMs), "-enddate", dateOf(toMs), "-extfile", `${this.folder}/${name}.ext`];
    await runTool("openssl", [...sign, ...times, "-in", `${this.folder}/${name}.csr`, "-out", certificatePath]);
    return { certificatePath, keyPath };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }

  #key(path: string): Promise<unknown> {
    return runTool("openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path]);
  }
}

/** What node:tls and `ws` want of it. */
export async function pemOf({ certificatePath, keyPath }: Issued): Promise<{ cert: string; key: string }> {
  return { cert: await Deno.readTextFile(certificatePath), key: await Deno.readTextFile(keyPath) };
}
