// A courier for each receiver that the settings name by now. One whose settings stay goes on; one whose settings change hands over
// to another what it has not told yet, once nothing of it is under way.
import type { Courier } from "./courier.ts";
import type { Progress, Report } from "./progress.ts";
import type { WebhookSettings, WebhooksFile } from "./settings.ts";

export interface CouriersParts {
  /** How far a name was told, as the database has it; null: it is new. */
  kept: (name: string) => Progress | null;
  open: (settings: WebhookSettings, from: { consoleUrl: string; progress: Progress | null }) => Opened;
}

interface Opened {
  courier: Courier;
  /** Lets go of what only this one needs. */
  end: () => void;
}

export class Couriers {
  readonly #parts: CouriersParts;
  /** By name, and by which settings. */
  readonly #open = new Map<string, Opened & { by: string }>();
  /** Of those that have ended, until it is told. */
  #last: Report[] = [];
  /** Of names that are told no more: the database may not have it yet. */
  readonly #left = new Map<string, Progress>();
  #changing: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(parts: CouriersParts) {
    this.#parts = parts;
  }

  /** Resolves when all are told by these settings; settings that come meanwhile wait for that. */
  use(file: WebhooksFile): Promise<void> {
    const changed = this.#changing.then(() => this.#use(file));
    this.#changing = changed;
    return changed;
  }

  turn(): void {
    for (const { courier } of this.#open.values()) courier.turn();
  }

  /** @throws {Error} when the database cannot be read */
  reports(): Report[] {
    const now = Array.from(this.#open.values(), ({ courier }) => courier.report());
    return [...this.#last.splice(0), ...now];
  }

  /** Begins nothing more; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(Array.from(this.#open.values(), ({ courier }) => courier.close()));
  }

  async #use({ consoleUrl, webhooks }: WebhooksFile): Promise<void> {
    if (this.#isClosed) return;
    const wanted = new Map(webhooks.map((settings) => [settings.name, { settings, by: said(settings, consoleUrl) }]));
    const begin = (name: string, progress: Progress | null) => {
      const next = wanted.get(name);
      if (!next) return;
      this.#open.set(name, { by: next.by, ...this.#parts.open(next.settings, { consoleUrl, progress }) });
      this.#left.delete(name);
    };
    for (const name of wanted.keys()) {
      if (!this.#open.has(name)) begin(name, this.#left.get(name) ?? this.#parts.kept(name));
    }
    const changed = [...this.#open].filter(([name, { by }]) => by !== wanted.get(name)?.by);
    await Promise.all(changed.map(async ([name, { courier, end }]) => {
      await courier.close();
      if (this.#isClosed) return;
      const report = courier.report();
      this.#last.push(report);
      this.#open.delete(name);
      end();
      this.#left.set(name, report.progress);
      begin(name, report.progress);
    }));
  }
}

/** What two settings have in common that are the same. */
function said({ secrets, ...settings }: WebhookSettings, consoleUrl: string): string {
  return JSON.stringify([consoleUrl, settings, secrets.map((secret) => secret.toBase64())]);
}
