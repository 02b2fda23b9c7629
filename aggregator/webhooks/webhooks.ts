// Has a thread of its own (worker.ts) tell receivers of alerts, and keeps what it says: how far each has been told, and what was
// given up. A thread that fails is replaced, and goes on from what was kept.
import type { Platform } from "../../platform/system.ts";
import { addCounts, type DeadLetter, noCounts, type Progress, type Report, type WebhookView } from "./progress.ts";
import type { WebhookSettings, WebhooksFile } from "./settings.ts";
import type { Telling, Thread, Told } from "./thread.ts";

export interface WebhooksParts extends Pick<Platform, "after" | "log"> {
  /** The database's file. */
  path: string;
  file: WebhooksFile;
  /** Keeps how far one has been told; and what it will not be told. */
  keepProgress: (name: string, progress: Progress) => void;
  keepDeadLetter: (name: string, letter: DeadLetter) => void;
  start?: () => Thread;
}

/** A thread that cannot work is not started without end. */
const RESTART_MS = 1000;
/** Requests that are under way at the end are waited for so long. */
const CLOSE_MS_MAX = 1000;

/** Of one that has been told nothing yet. */
const NEW = { counts: noCounts(), waiting: 0, oldestUs: null, trouble: null };

/** One receiver as it is known here. */
interface Receiver {
  view: WebhookView;
  /** As it was kept last. */
  kept: string;
}

export class Webhooks {
  readonly #parts: WebhooksParts;
  #file: WebhooksFile;
  #webhooks = new Map<string, Receiver>();
  /** Those that are told no more: what they were told at last is kept. */
  #left = new Map<string, Receiver>();
  #thread: Thread | null = null;
  #cancelStart: () => void = () => {};
  #isClosed = false;
  #whenClosed: () => void = () => {};

  constructor(parts: WebhooksParts) {
    this.#parts = parts;
    this.#file = parts.file;
    this.#know(parts.file);
  }

  /** In the order of the settings. */
  get view(): WebhookView[] {
    return Array.from(this.#webhooks.values(), ({ view }) => view);
  }

  /** Begins to tell what the database has, and what comes. */
  begin(): void {
    if (this.#webhooks.size > 0) this.#start();
  }

  /** Tells whom the file says by now: a name that stays goes on from where it is. */
  use(file: WebhooksFile): void {
    this.#file = file;
    this.#know(file);
    if (this.#isClosed) return;
    if (this.#thread) return this.#tell({ what: "use", file });
    this.#cancelStart();
    this.begin();
  }

  /** Resolves when nothing is under way, or will not end, and it is known how far each was told. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelStart();
    if (!this.#thread) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenClosed = resolve;
    const cancel = this.#parts.after(CLOSE_MS_MAX, resolve);
    this.#tell({ what: "close" });
    await promise;
    cancel();
    this.#thread?.terminate();
    this.#thread = null;
  }

  #start(): void {
    const { path, after, log, start = startWorker } = this.#parts;
    const thread = this.#thread = start();
    thread.onmessage = ({ data }: MessageEvent<Told>) => {
      if (thread === this.#thread) this.#hear(data);
    };
    thread.onerror = (event) => {
      // Otherwise the error is the process's.
      event.preventDefault();
      if (thread !== this.#thread) return;
      log("warn", `Cannot tell webhooks: ${event.message}; their thread is replaced`);
      thread.terminate();
      this.#thread = null;
      if (this.#isClosed) this.#whenClosed();
      else this.#cancelStart = after(RESTART_MS, () => this.#start());
    };
    this.#tell({ what: "begin", path, file: this.#file });
  }

  #know({ webhooks }: WebhooksFile): void {
    const before = this.#webhooks;
    this.#webhooks = new Map(webhooks.map((settings) => {
      const { view, kept } = before.get(settings.name) ?? { view: NEW, kept: "" };
      return [settings.name, { view: { ...structuredClone(view), ...shownOf(settings) }, kept }];
    }));
    this.#left = new Map([...before].filter(([name]) => !this.#webhooks.has(name)));
  }

  #tell(telling: Telling): void {
    this.#thread?.postMessage(telling);
  }

  #hear({ of, reports }: Told): void {
    for (const report of reports) this.#keep(report);
    if (of === "close") this.#whenClosed();
  }

  #keep({ name, progress, counts, dead, ...now }: Report): void {
    const { keepProgress, keepDeadLetter, log } = this.#parts;
    const webhook = this.#webhooks.get(name) ?? this.#left.get(name);
    if (!webhook) return;
    Object.assign(webhook.view, now);
    addCounts(webhook.view.counts, counts);
    for (const letter of dead) keepDeadLetter(name, letter);
    const [letter] = dead;
    if (letter) {
      const changes = dead.reduce((sum, { changes }) => sum + changes, 0);
      log("warn", `Cannot tell webhook ${name}: ${letter.why}; ${changes} change(s) of alerts are given up`);
    }
    const kept = JSON.stringify(progress);
    if (kept === webhook.kept) return;
    webhook.kept = kept;
    keepProgress(name, progress);
  }
}

function shownOf({ name, url, format }: WebhookSettings): Pick<WebhookView, "name" | "origin" | "format"> {
  return { name, origin: new URL(url).origin, format };
}

function startWorker(): Thread {
  return new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "webhooks" });
}
