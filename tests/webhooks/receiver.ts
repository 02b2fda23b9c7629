// A receiver of webhooks that can be away, slow, or in trouble, and what it was told: it believes nobody whose signature is wrong.
import { createHmac } from "node:crypto";
import { freePort } from "../e2e/free_port.ts";

/** What it does with a request; `late`: it takes it, and answers when nobody waits any more. */
type Mood = "well" | "failing" | "late" | "refusing";

export class Receiver implements AsyncDisposable {
  /** Bodies by key, each as often as it came. */
  readonly told = new Map<string, string[]>();
  /** Requests whose signature was wrong. */
  forged = 0;
  mood: Mood = "well";
  readonly #port = freePort();
  readonly #secret = crypto.getRandomValues(new Uint8Array(32));
  readonly #ended = new AbortController();
  #server: Deno.HttpServer | null = null;

  constructor() {
    this.comeBack();
  }

  /** As the settings of a webhook. */
  settings(name: string, over: Record<string, unknown> = {}) {
    return { name, url: `http://127.0.0.1:${this.#port}/hook`, secret: `whsec_${this.#secret.toBase64()}`, ...over };
  }

  comeBack(): void {
    const options = { hostname: "127.0.0.1", port: this.#port, onListen: () => {} };
    this.#server ??= Deno.serve(options, (request) => this.#answer(request));
  }

  /** Ends in the middle of whatever it does: nobody is there then. */
  async die(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    await server?.shutdown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.die();
  }

  async #answer(request: Request): Promise<Response> {
    const body = await request.text();
    const headers = (name: string) => request.headers.get(`webhook-${name}`) ?? "";
    const key = headers("id");
    const signed = `${key}.${headers("timestamp")}.${body}`;
    const isOld = Math.abs(Date.now() / 1000 - Number(headers("timestamp"))) > 60;
    const expected = `v1,${createHmac("sha256", this.#secret).update(signed).digest("base64")}`;
    if (isOld || headers("signature") !== expected) {
      this.forged++;
      return new Response(null, { status: 401 });
    }
    if (this.mood === "failing") return new Response("in trouble", { status: 500 });
    if (this.mood === "refusing") return new Response(null, { status: 404 });
    this.told.set(key, [...this.told.get(key) ?? [], body]);
    if (this.mood === "late") {
      await new Promise<void>((resolve) => {
        for (const signal of [request.signal, this.#ended.signal]) {
          if (signal.aborted) resolve();
          signal.addEventListener("abort", () => resolve());
        }
      });
    }
    return new Response(null, { status: 204 });
  }
}
