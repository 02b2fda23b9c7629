// What the console needs of an aggregator, as a test scripts it: its files, one stream of events, and answers.
import { Hono } from "hono";
import { consoleFiles } from "../../aggregator/api/console_files.ts";
import type { AlertEvent } from "../../aggregator/outputs.ts";
import { EventFanOut, type EventName } from "../../aggregator/sinks/events.ts";

export class ScriptedServer implements AsyncDisposable {
  readonly #events = new EventFanOut({ clientsMax: 4 });
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** What /v1/alerts answers, and how often it was asked for open ones. */
  alerts: AlertEvent[] = [];
  asked = 0;

  constructor() {
    const app = new Hono();
    app.get(
      "/v1/events",
      () => new Response(this.#events.subscribe(), { headers: { "content-type": "text/event-stream" } }),
    );
    const session = { uri: "anyone", name: "anyone", actions: ["view", "operate"], expiresUs: null, isOpen: true };
    app.get("/v1/session", (c) => c.json(session));
    app.get("/v1/alerts", (c) => {
      if (c.req.query("state") === "open") this.asked++;
      return c.json({ alerts: this.alerts });
    });
    app.route("/", consoleFiles());
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, app.fetch);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  tell(event: EventName, data: unknown): void {
    this.#events.publish(event, data);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#events.close();
    await this.#server.shutdown();
  }
}
