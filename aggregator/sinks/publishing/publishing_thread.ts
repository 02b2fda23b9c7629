// Has a thread of its own publish the journal to one destination, tells it how far the journal is on the disk, and knows how far it
// has come: the journal keeps what it still needs.
import type { Platform } from "../../../platform/system.ts";
import { readIdentity } from "../../journal/identity.ts";
import { readOnlyDisk } from "../../journal/disk.ts";
import type { DeliveryPlace, Output } from "../../outputs.ts";
import type { Forgotten } from "./forgotten.ts";
import { goingOn, type Place } from "./going_on.ts";
import { type TopicKind, TOPICS } from "./messages.ts";
import type { PublishingOrder, PublishingTelling, PublishingTold } from "./orders.ts";

/** To what kind of broker, and by what thread. */
export interface Destination {
  /** In names of files, settings and alerts. */
  name: string;
  /** For people. */
  title: string;
  /** Of the thread's module, which calls `publishJournal`. */
  workerUrl: string;
  /** How to have it take larger messages. */
  largerBy: string;
  /** With the journal's beginning, or with what comes once it is set. */
  beginsWith: "everything" | "now";
}

/** Where the journal is, and how large it may be. */
export interface PublishingConfig {
  journalPath: string;
  /** What the journal may have on the disk for what is not published. */
  publishJournalBytesMax: number;
  /** Where this runs, whose windows others add to theirs; null: nobody does. */
  region: string | null;
}

/** Told why nothing can be published; null: it can again. */
type OnTrouble = (why: string | null) => void;

/** How far it has come. */
export interface PublishingView {
  /** The destination's. */
  name: string;
  publishedIndex: number;
  /** Entries on the disk that are not published. */
  behind: number;
  /** How much older the last entry that is published is than the last on the disk; null: none is since the start. */
  lagMs: number | null;
  /** Entries that will never be published: the journal has let them go. */
  missing: number;
  /** Messages that are confirmed, since the start. */
  sent: Record<TopicKind, number>;
  /** Messages that the brokers take never, for their size. */
  leftOut: number;
  /** Messages that were confirmed, and are gone: a topic was deleted, or cut. */
  lost: number;
  /** What the journal has on the disk, and may have for what is not published. */
  journalBytes: number;
  journalBytesMax: number;
  trouble: string | null;
  /** There is another writer: nothing is sent before a restart. */
  isFenced: boolean;
}

/** Longer each time, until something is published again. */
const RESTART_MS = 1000;
const RESTART_MS_MAX = 60_000;
const CLOSE_MS_MAX = 3000;

export class PublishingThread {
  readonly destination: Destination;
  readonly #settings: unknown;
  readonly #place: Place;
  readonly #topics: readonly TopicKind[];
  readonly #config: PublishingConfig;
  readonly #platform: Pick<Platform, "after" | "log">;
  #onTrouble: OnTrouble = () => {};
  /** Null: it has not begun. */
  #order: Omit<PublishingOrder, "publishedIndex" | "forgotten"> | null = null;
  #journalId = "";
  #worker: Worker | null = null;
  #durableIndex = 0;
  /** When those entries came. */
  #durableUs = 0;
  #publishedUs: number | null = null;
  #isTelling = false;
  #publishedIndex = 0;
  /** Some of what is not published may be about them. */
  #forgotten: Forgotten[] = [];
  #keptIndex = 0;
  #missing = 0;
  readonly #sent = Object.fromEntries(TOPICS.map((topic) => [topic, 0])) as Record<TopicKind, number>;
  #leftOut = 0;
  #lost = 0;
  #journalBytes = 0;
  #isFenced = false;
  #restartMs = RESTART_MS;
  #trouble: string | null = null;
  #cancelStart = () => {};
  #whenClosed: (() => void) | null = null;

  constructor(
    destination: Destination,
    { settings, place, topics, config, platform }: {
      /** How to reach it, where that is, and what is published there. */
      settings: object;
      place: Place;
      topics: readonly TopicKind[];
      config: PublishingConfig;
      platform: Pick<Platform, "after" | "log">;
    },
  ) {
    this.destination = destination;
    this.#settings = settings;
    this.#place = place;
    this.#topics = topics;
    this.#config = config;
    this.#platform = platform;
  }

  /** Begins, once the journal has its name: everything up to this entry is on the disk. */
  begin({ durableIndex, onTrouble }: { durableIndex: number; onTrouble: OnTrouble }): void {
    const { journalPath: folder, region } = this.#config;
    const [place, topics] = [this.#place, this.#topics];
    const { name, title, beginsWith } = this.destination;
    const remembers = beginsWith === "everything";
    const disk = readOnlyDisk(folder);
    const identity = readIdentity(disk);
    if (!identity) throw new Error(`Cannot publish: ${folder} holds no journal`);
    this.#order = { name, folder, settings: this.#settings, place, remembers, topics, region };
    this.#onTrouble = onTrouble;
    this.#journalId = identity.id;
    this.#durableIndex = durableIndex;
    const fallback = beginsWith === "now" ? durableIndex : 0;
    const { index, why } = goingOn(disk, { name, identity, place, fallback });
    this.#publishedIndex = this.#keptIndex = Math.min(index, durableIndex);
    if (why !== null) this.#platform.log("warn", `${title} begins behind entry ${this.#publishedIndex}: ${why}`);
    this.#start();
  }

  get view(): PublishingView {
    const { name } = this.destination;
    const [publishedIndex, publishedUs] = [this.#publishedIndex, this.#publishedUs];
    const behind = Math.max(0, this.#durableIndex - publishedIndex);
    const lagMs = publishedUs === null ? null : Math.max(0, this.#durableUs - publishedUs) / 1000;
    return {
      ...{ name, publishedIndex, behind, lagMs: behind === 0 ? 0 : lagMs, missing: this.#missing, sent: this.#sent },
      ...{ leftOut: this.#leftOut, lost: this.#lost, journalBytes: this.#journalBytes },
      ...{ journalBytesMax: this.#config.publishJournalBytesMax, trouble: this.#trouble, isFenced: this.#isFenced },
    };
  }

  /** The last entry that a process which comes after a crash will know to be published. */
  get keptIndex(): number {
    return this.#keptIndex;
  }

  deliver(outputs: readonly Output[], { journalId, index, atUs }: DeliveryPlace): void {
    // Also of what is read from the journal as the process starts.
    for (const output of outputs) if (output.type === "erased") this.#forget({ ...output.erased, index });
    if (journalId !== this.#journalId) return;
    [this.#durableIndex, this.#durableUs] = [index, atUs];
    // Once for all entries of a commit.
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
      this.#tell({ what: "durable", index: this.#durableIndex });
    });
  }

  /** Resolves when the thread has ended; what it has not published it will after the next start. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenClosed = resolve;
    this.#cancelStart();
    if (!this.#worker) return;
    const cancel = this.#platform.after(CLOSE_MS_MAX, resolve);
    this.#tell({ what: "close" });
    await promise;
    cancel();
    this.#worker?.terminate();
    this.#worker = null;
  }

  #forget(drone: Forgotten): void {
    this.#forgotten = [...this.#forgotten.filter(({ index }) => index > this.#publishedIndex), drone];
    this.#tell({ what: "forget", drone });
  }

  #start(): void {
    const { workerUrl, name } = this.destination;
    const worker = this.#worker = new Worker(workerUrl, { type: "module", name });
    worker.onmessage = ({ data }: MessageEvent<PublishingTold>) => {
      if (worker === this.#worker) this.#hear(data);
    };
    worker.onerror = (event) => {
      // Otherwise the error is the process's.
      event.preventDefault();
      if (worker === this.#worker) this.#failed(event.message);
    };
    const [publishedIndex, forgotten] = [this.#publishedIndex, this.#forgotten];
    worker.postMessage({ ...this.#order, publishedIndex, forgotten });
    if (this.#durableIndex > 0) this.#tell({ what: "durable", index: this.#durableIndex });
  }

  #tell(telling: PublishingTelling): void {
    this.#worker?.postMessage(telling);
  }

  #hear(told: PublishingTold): void {
    const { log } = this.#platform;
    const { title, largerBy } = this.destination;
    switch (told.of) {
      case "published":
        [this.#publishedIndex, this.#publishedUs] = [told.index, told.atUs];
        this.#restartMs = RESTART_MS;
        // Of one that failed before this one.
        if (this.#trouble !== null) this.#troubled(null);
        return;
      case "begun":
        this.#publishedUs ??= told.atUs;
        return;
      case "kept":
        this.#keptIndex = told.index;
        return;
      case "not-kept":
        return log("warn", `Cannot keep how far ${title} has come: ${told.why}`);
      case "sent":
        for (const topic of TOPICS) this.#sent[topic] += told.sent[topic] ?? 0;
        return;
      case "lost": {
        const { name, messages } = told;
        this.#lost += messages;
        return log("warn", `${title} has lost ${messages} messages of ${name}: its topic was deleted, or cut`);
      }
      case "unseen":
        return log(
          "warn",
          `${title} let ${told.messages} messages of ${told.name} go before it was seen whose they were: taken for ours`,
        );
      case "size":
        this.#journalBytes = told.journalBytes;
        return;
      case "trouble":
        return this.#troubled(told.why);
      case "emptied":
        log("warn", `${title} has nothing of what was published: it begins with what the journal has`);
        this.#worker = null;
        this.#publishedIndex = this.#keptIndex = 0;
        return this.#start();
      case "fenced":
        this.#worker = null;
        this.#isFenced = true;
        return this.#troubled(`another process writes to its topics: ${told.why}; restart when only one does`);
      case "missing":
        this.#missing += told.lastIndex - told.firstIndex + 1;
        return log(
          "warn",
          `${title} will lack entries ${told.firstIndex} to ${told.lastIndex}: the journal has let them go`,
        );
      case "too-large": {
        const { topic, key, bytes } = told;
        this.#leftOut++;
        return log(
          "warn",
          `${title} lacks a message of ${bytes} bytes in ${topic}, of ${key}: ${largerBy}; it is in the journal`,
        );
      }
      case "closed":
        return this.#whenClosed?.();
    }
  }

  #failed(why: string): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#troubled(why);
    if (this.#whenClosed) this.#whenClosed();
    else this.#cancelStart = this.#platform.after(this.#restartMs, () => this.#start());
    this.#restartMs = Math.min(2 * this.#restartMs, RESTART_MS_MAX);
  }

  #troubled(why: string | null): void {
    this.#trouble = why;
    this.#onTrouble(why);
  }
}
