// A real nginx in front of something: Debian's, with a folder, a configuration and a port of its own.
import { join } from "node:path";

const path = Deno.env.get("NGINX_PATH") ?? "/usr/sbin/nginx";

/** `tests/with/nginx.sh` installs it; suites that need it are ignored without. */
export const hasNginx = await isThere(path);

const READY_MS_MAX = 10_000;

export class Nginx implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  readonly url: string;

  private constructor({ child, folder, url }: { child: Deno.ChildProcess; folder: string; url: string }) {
    this.#child = child;
    this.#folder = folder;
    this.url = url;
  }

  /** Serves TLS on a port of its own; `server`: what stands in the block of the server, `beside`: what stands before it. */
  static async start(server: string, { beside = "" } = {}): Promise<Nginx> {
    const folder = await Deno.makeTempDir({ prefix: "slipstream-nginx-" });
    await Deno.mkdir(join(folder, "temp"));
    const port = freePort();
    await Deno.writeTextFile(
      join(folder, "nginx.conf"),
      configuration({ beside, server: `listen 127.0.0.1:${port} ssl;\n${server}` }),
    );
    const args = ["-p", folder, "-e", "stderr", "-c", "nginx.conf"];
    const child = new Deno.Command(path, { args, stdin: "null", stdout: "null", stderr: "inherit" }).spawn();
    const nginx = new Nginx({ child, folder, url: `https://localhost:${port}/` });
    try {
      await listens(port);
    } catch (error) {
      await nginx[Symbol.asyncDispose]();
      throw error;
    }
    return nginx;
  }

  /** Has it read its files again; resolves when the workers that have the old ones are gone. */
  async reload(): Promise<void> {
    const before = this.#workers();
    this.#child.kill("SIGHUP");
    const untilMs = performance.now() + READY_MS_MAX;
    const isOver = () => {
      const now = this.#workers();
      return now.length > 0 && !now.some((worker) => before.includes(worker));
    };
    while (!isOver()) {
      if (performance.now() > untilMs) throw new Error("Cannot go on: nginx has not read its files again");
      await soon();
    }
  }

  /** Their process ids. */
  #workers(): string[] {
    const { pid } = this.#child;
    return Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).split(" ").filter((id) => id !== "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function configuration({ beside, server }: { beside: string; server: string }): string {
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path temp/${name};`);
  return `daemon off; worker_processes 1; pid nginx.pid; error_log stderr crit;
events {}
http { access_log off; ${folders.join(" ")}
${beside}
server { ${server} } }
`;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function listens(port: number): Promise<void> {
  const untilMs = performance.now() + READY_MS_MAX;
  for (;;) {
    try {
      return (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused) || performance.now() > untilMs) throw error;
    }
    await soon();
  }
}

function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
