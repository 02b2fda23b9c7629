// Tells one receiver what it wants to hear: changes of one alert in order, several alerts at a time. One that cannot be told waits,
// and others pass it; a receiver that is away is asked by one request at a time, less and less often.
import type { Platform } from "../../platform/system.ts";
import type { Change } from "./change.ts";
import type { Changes } from "./changes.ts";
import { messageOf } from "./message.ts";
import { pauseMs } from "./pauses.ts";
import type { Answer, Post } from "./post.ts";
import { type Counts, type DeadLetter, type GivenUp, noCounts, type Progress, type Report } from "./progress.ts";
import type { WebhookSettings } from "./settings.ts";
import { headersOf } from "./signature.ts";

export interface CourierParts extends Pick<Platform, "clock" | "now" | "random" | "log"> {
  settings: WebhookSettings;
  consoleUrl: string;
  changes: Changes;
  post: Post;
  /** Null: it is new, and told what comes from now on. */
  progress: Progress | null;
}

/** Of those that are still to be told, however many wait behind them. */
const OPEN_MAX = 256;
const READ_MAX = 64;

/** A change that is still to be told. */
interface Open extends Pick<Change, "id" | "atUs"> {
  /** Names the alert. */
  alert: string;
  isUnderWay: boolean;
  /** What the receiver answered that was of this change alone. */
  attempts: number;
  refusals: number;
  /** Of the monotonic clock. */
  notBeforeMs: number;
  /** When it failed last; -Infinity: never. */
  failedMs: number;
}

export class Courier {
  readonly #parts: CourierParts;
  readonly #open = new Map<number, Open>();
  #seenId: number;
  #underWay = 0;
  /** Attempts that failed since one did not, of those that began one after the other. */
  #failures = 0;
  #failedMs = -Infinity;
  #notBeforeMs = -Infinity;
  #trouble: string | null = null;
  #counts: Counts = noCounts();
  #dead: DeadLetter[] = [];
  #cannotRead = false;
  #isClosed = false;
  #whenIdle: (() => void) | null = null;

  constructor(parts: CourierParts) {
    this.#parts = parts;
    const { changes, progress } = parts;
    this.#seenId = progress?.seenId ?? changes.newestId();
    for (const id of progress?.openIds ?? []) {
      const change = changes.one(id);
      if (change) this.#wait(change);
      else this.#isGone(id);
    }
  }

  /** Some times a second: looks for what is new, and begins what can be begun. */
  turn(): void {
    if (this.#isClosed) return;
    const { settings: { name }, log } = this.#parts;
    try {
      this.#read();
      this.#begin();
      this.#cannotRead = false;
    } catch (error) {
      // Somebody else has the database for a moment, or its disk fails: the next turn may find it.
      if (!this.#cannotRead) log("warn", `Cannot look up what webhook ${name} is to be told: ${error}`);
      this.#cannotRead = true;
    }
  }

  /** What has become of it since the last time. @throws {Error} when the database cannot be read */
  report(): Report {
    const { settings: { name }, changes } = this.#parts;
    const [first] = this.#open.values();
    const behind = Math.max(0, changes.newestId() - this.#seenId);
    const [counts, dead] = [this.#counts, this.#dead];
    [this.#counts, this.#dead] = [noCounts(), []];
    return {
      ...{ name, counts, dead, trouble: this.#trouble },
      progress: { seenId: this.#seenId, openIds: [...this.#open.keys()] },
      waiting: behind + this.#open.size,
      oldestUs: first?.atUs ?? null,
    };
  }

  /** Begins nothing more; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#underWay === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenIdle = resolve;
    await promise;
  }

  #read(): void {
    const { changes } = this.#parts;
    while (this.#open.size < OPEN_MAX) {
      const found = changes.after(this.#seenId, Math.min(READ_MAX, OPEN_MAX - this.#open.size));
      const [first] = found;
      if (!first) return;
      // Those in between were erased; those before all that there are have grown too old.
      const gone = first.id - this.#seenId - 1;
      if (gone > 0 && first.id === changes.oldestId()) {
        const why = "the database did not keep them for so long";
        this.#giveUp({ reason: "gone", firstId: this.#seenId + 1, changes: gone, key: "", why });
      }
      for (const change of found) {
        this.#seenId = change.id;
        if (this.#isWanted(change)) this.#wait(change);
      }
    }
  }

  #isWanted({ alert: { kind, severity, transition } }: Change): boolean {
    const { kinds, severities, reminders } = this.#parts.settings;
    if (!kinds.includes(kind) || transition === "remind" && !reminders) return false;
    // For who hears of critical ones only, one that is no more is over.
    return severities.includes(severity) || transition === "downgrade";
  }

  #wait({ id, atUs, journal, alertId }: Change): void {
    const fresh = { isUnderWay: false, attempts: 0, refusals: 0, notBeforeMs: -Infinity, failedMs: -Infinity };
    this.#open.set(id, { id, atUs, alert: `${journal}/${alertId}`, ...fresh });
  }

  #begin(): void {
    const nowMs = this.#parts.clock();
    if (nowMs < this.#notBeforeMs) return;
    const atOnce = this.#failures > 0 ? 1 : this.#parts.settings.concurrency;
    for (const open of this.#firstOfEach()) {
      if (this.#underWay >= atOnce) return;
      if (!open.isUnderWay && nowMs >= open.notBeforeMs) void this.#attempt(open);
    }
  }

  /** Of each alert the change that is next: those that failed last come last, so that none keeps others for ever. */
  #firstOfEach(): Open[] {
    const firsts = new Map<string, Open>();
    for (const open of this.#open.values()) if (!firsts.has(open.alert)) firsts.set(open.alert, open);
    return [...firsts.values()].sort((a, b) => a.failedMs === b.failedMs ? a.id - b.id : a.failedMs - b.failedMs);
  }

  async #attempt(open: Open): Promise<void> {
    const { settings, consoleUrl, changes, post, now, clock } = this.#parts;
    // As it is by now: drones that were erased meanwhile are in it no more.
    const change = changes.one(open.id);
    if (!change) {
      this.#open.delete(open.id);
      return this.#giveUp({
        reason: "gone",
        firstId: open.id,
        changes: 1,
        key: "",
        why: "the database has it no more",
      });
    }
    const message = messageOf(change, { ...settings, consoleUrl });
    const headers = headersOf(message, { ...settings, unixS: Math.floor(now() / 1000) });
    const { url, timeoutMs } = settings;
    const begunMs = clock();
    open.isUnderWay = true;
    this.#underWay++;
    const answer = await post({ url, headers, body: message.body, timeoutMs });
    this.#underWay--;
    open.isUnderWay = false;
    this.#counts[answer.outcome]++;
    this.#heard(open, { answer, key: message.key, begunMs });
    if (this.#underWay === 0) this.#whenIdle?.();
    this.turn();
  }

  #heard(open: Open, { answer, key, begunMs }: { answer: Answer; key: string; begunMs: number }): void {
    const { settings: { name, pauseMsMax, refusalsMax, giveUpMs }, clock, now, random, log } = this.#parts;
    if (answer.outcome !== "failed") {
      if (this.#failures > 0) log("info", `Webhook ${name} answers again`);
      this.#failures = 0;
      this.#notBeforeMs = -Infinity;
      this.#trouble = null;
    }
    if (answer.outcome === "delivered") return void this.#open.delete(open.id);
    const { why, retryAfterMs } = answer;
    this.#trouble = why;
    const dead = (reason: GivenUp) => {
      this.#open.delete(open.id);
      this.#giveUp({ reason, firstId: open.id, changes: 1, key, why });
    };
    const nowMs = open.failedMs = clock();
    const pause = (attempts: number) => Math.max(retryAfterMs, pauseMs(attempts, { pauseMsMax, random }));
    // What fails while all fails says nothing of this change.
    if (this.#failures === 0 || answer.outcome === "refused") open.notBeforeMs = nowMs + pause(++open.attempts);
    if (answer.outcome === "refused") {
      if (++open.refusals >= refusalsMax) dead("refused");
      return;
    }
    if (begunMs > this.#failedMs) {
      if (this.#failures === 0) log("warn", `Cannot tell webhook ${name}: ${why}; it is tried again`);
      this.#failures++;
      this.#failedMs = nowMs;
      this.#notBeforeMs = nowMs + pause(this.#failures);
    }
    if (now() - open.atUs / 1000 > giveUpMs) dead("expired");
  }

  #isGone(id: number): void {
    this.#open.delete(id);
    this.#giveUp({ reason: "gone", firstId: id, changes: 1, key: "", why: "the database has it no more" });
  }

  #giveUp(letter: DeadLetter): void {
    this.#counts.dead[letter.reason] += letter.changes;
    this.#dead.push(letter);
  }
}
