// A courier with the database it reads, a receiver whose answers a test scripts, and a time that a test moves.
import { ALERT_KINDS, type AlertEvent } from "../../aggregator/outputs.ts";
import { AlertChanges } from "../../aggregator/sinks/alert_changes.ts";
import { SqliteSink } from "../../aggregator/sinks/sqlite.ts";
import { changesIn } from "../../aggregator/webhooks/changes.ts";
import { Courier } from "../../aggregator/webhooks/courier.ts";
import type { Answer, Request } from "../../aggregator/webhooks/post.ts";
import type { Progress } from "../../aggregator/webhooks/progress.ts";
import type { WebhookSettings } from "../../aggregator/webhooks/settings.ts";
import { alert } from "../aggregator/fake_pipeline.ts";

export const SETTINGS: WebhookSettings = {
  name: "ops",
  url: "http://127.0.0.1:9/hook",
  format: "alertmanager",
  secrets: [new Uint8Array(32)],
  caPem: null,
  kinds: [...ALERT_KINDS],
  severities: ["warning", "critical"],
  reminders: false,
  concurrency: 4,
  timeoutMs: 10_000,
  pauseMsMax: 60_000,
  giveUpMs: 86_400_000,
  refusalsMax: 3,
};

export const DELIVERED: Answer = { outcome: "delivered" };
export const FAILED: Answer = { outcome: "failed", why: "status 500", retryAfterMs: 0 };
export const REFUSED: Answer = { outcome: "refused", why: "status 404", retryAfterMs: 0 };

/** Unix ms. */
const BEGUN_MS = 1_790_000_000_000;

export class CourierRig implements Disposable {
  readonly sink = new SqliteSink({ path: ":memory:", queueRowsMax: 10_000 });
  readonly logs: string[] = [];
  /** Requests so far, by their keys. */
  readonly asked: string[] = [];
  /** What is answered to a key; DELIVERED without it. */
  answer: (key: string) => Answer | Promise<Answer> = () => DELIVERED;
  nowMs = BEGUN_MS;
  courier: Courier;
  readonly #settings: WebhookSettings;
  readonly #changes = new AlertChanges({
    sqlite: this.sink,
    askers: () => [{ reminders: false }, { reminders: true }],
  });

  /** `progress`: how far it was told before, by default up to where the database begins. */
  constructor(settings: Partial<WebhookSettings> = {}, progress: Progress | null = { seenId: 0, openIds: [] }) {
    this.#settings = { ...SETTINGS, ...settings };
    this.courier = this.open(this.#settings, progress);
  }

  /** Alerts change, and the database has it. */
  happened(...changes: (Partial<AlertEvent> & { alertId: number })[]): void {
    for (const { alertId, ...over } of changes) {
      const place = { journalId: "journal-1", index: 1, atUs: this.nowMs * 1000 };
      this.#changes.deliver([{ type: "alert", alert: alert(alertId, over) }], place);
    }
    this.sink.drain();
  }

  /** A turn, and all that is answered at once. */
  async turn(): Promise<void> {
    this.courier.turn();
    await this.settle();
  }

  async settle(): Promise<void> {
    for (let i = 0; i < 100; i++) await Promise.resolve();
  }

  /** Turns as the thread takes them, for so long. @returns the keys that were asked for */
  async pass(ms: number, stepMs = 100): Promise<string[]> {
    const before = this.asked.length;
    for (const untilMs = this.nowMs + ms; this.nowMs < untilMs; this.nowMs += stepMs) await this.turn();
    await this.turn();
    return this.asked.slice(before);
  }

  /** Another courier goes on from what this one has told. */
  restart(progress: Progress | null = this.courier.report().progress): void {
    this.courier = this.open(this.#settings, progress);
  }

  /** One more. */
  open(settings: WebhookSettings, progress: Progress | null): Courier {
    return new Courier({
      settings,
      consoleUrl: "",
      changes: changesIn(this.sink.db),
      post: async ({ headers }: Request) => {
        const key = headers["webhook-id"]!;
        this.asked.push(key.replace("journal-1_", ""));
        return await this.answer(key.replace("journal-1_", ""));
      },
      progress,
      clock: () => this.nowMs,
      now: () => this.nowMs,
      random: () => 1,
      log: (_, message) => this.logs.push(message),
    });
  }

  [Symbol.dispose](): void {
    this.sink.close();
  }
}
