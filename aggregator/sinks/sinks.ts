// All sinks of one aggregator, and who answers questions to what they keep.
import type { Platform } from "../../platform/system.ts";
import type { RetentionSettings } from "../journal/retention.ts";
import type { Arrival } from "../journal/entries.ts";
import type { DeliveryReport } from "../warnings/delivery_report.ts";
import { FreshSettings } from "../webhooks/fresh_settings.ts";
import { Webhooks } from "../webhooks/webhooks.ts";
import { AlertChanges } from "./alert_changes.ts";
import { eraseHere, eraseInThread, Erasures } from "./erasures.ts";
import { EventFanOut } from "./events.ts";
import { type Ask, askHere } from "./history.ts";
import { HistoryThread } from "./history_thread.ts";
import { endOf, openAlerts } from "./orphans.ts";
import { type Destined, type PublishedCore, Publishers } from "./publishing/publishers.ts";
import type { PublishingConfig } from "./publishing/publishing_thread.ts";
import { Retention, type RetentionSettings as RowsRetention } from "./retention.ts";
import { deadLetterRow, deliveryRow, lossRow, webhookRow } from "./rows.ts";
import type { Sink } from "./sink.ts";
import { SqliteSink } from "./sqlite.ts";
import { Tally } from "./tally.ts";
import { type ToldAlerts, toldAlerts } from "./told_alerts.ts";

/** What of the aggregator's settings is about sinks, and about what they need of the journal. */
export interface SinksConfig extends RowsRetention, PublishingConfig {
  /** The database; ":memory:" keeps nothing. */
  sqlitePath: string;
  sqliteQueueRowsMax: number;
  /** A file of JSON that says whom alerts are told to; null: nobody. */
  webhooksPath: string | null;
  /** To whom the journal is published. */
  publishedTo: readonly Destined[];
  eventClientsMax: number;
  journalBytesMax: number;
  journalAgeUs: number;
}

/** In one go of `flush`. */
const FLUSH_ROWS_MAX = 500;

interface SinksPlatform extends Pick<Platform, "after" | "every" | "log"> {
  /** Unix µs. */
  nowUs: () => number;
}

export interface Sinks {
  sqlite: SqliteSink;
  events: EventFanOut;
  webhooks: Webhooks;
  askHistory: Ask;
  retention: Retention;
  /** What the database had of alerts before; null: it is new with each process. */
  told: ToldAlerts | null;
  tally: Tally;
  /** What there was is recovered: alerts that this process does not know of end, and webhooks are told, by the file of now. */
  begin: (now: { journalId: string; atUs: number; operations: PublishedCore["operations"] }) => void;
  publishers: Publishers;
  /** What of the journal may go, and what is needed of it here. */
  journalRetention: RetentionSettings;
  /** Begins to publish the journal, where that is wanted. */
  publishFrom: (core: PublishedCore) => void;
  /** Hands safe results to all. */
  deliver: Sink["deliver"];
  keepLosses: (losses: Extract<Arrival, { type: "losses" }>) => void;
  /** What became of a warning, told to whoever listens as well. */
  keepDelivery: (report: DeliveryReport, at: { journalId: string; atUs: number }) => void;
  /** Drones are being erased from the database: nobody else writes to it meanwhile. */
  isErasing: () => boolean;
  /** The database still has what is said to be erased. */
  owesErasure: () => boolean;
  /** Writes some of what waits, a turn of the event loop between two transactions. Rejects when it cannot. */
  flush: () => Promise<void>;
  /** Writes what waits by now, erases who is to be, and resolves when the disk has it. Rejects when it cannot. */
  flushDurably: () => Promise<void>;
  /** Has SQLite move its log into the database, off the event loop. */
  checkpointSqlite: () => void;
  /** Ends the thread, writes what waits, and closes the database. */
  close: () => Promise<void>;
}

/** @throws {Error} when the database cannot be opened, or what is said of webhooks is wrong */
export function openSinks(config: SinksConfig, { after, every, log, nowUs }: SinksPlatform): Sinks {
  const { sqlitePath: path, sqliteQueueRowsMax: queueRowsMax } = config;
  const webhookSettings = new FreshSettings(config.webhooksPath);
  const sqlite = new SqliteSink({ path, queueRowsMax });
  const pause = () => new Promise<void>((resolve) => void after(0, resolve));
  const events = new EventFanOut({ clientsMax: config.eventClientsMax });
  const tally = new Tally();
  // What is in memory only, only its own thread can read.
  const thread = path === ":memory:" ? null : new HistoryThread({ path, after, log });
  const platform = { after, log };
  const publishers = new Publishers(config.publishedTo, { config, platform });
  const erasures = new Erasures(thread ? eraseInThread(path) : eraseHere(sqlite.db));
  const ask: Ask = thread ? (question) => thread.ask(question) : askHere(sqlite.db);
  const changes = new AlertChanges({ sqlite, askers: () => webhookSettings.file.webhooks });
  const webhooks = new Webhooks({
    ...{ path, file: webhookSettings.file, after, log },
    keepProgress: (name, progress) => sqlite.take("webhooks", webhookRow(name, progress)),
    keepDeadLetter: (name, letter) =>
      sqlite.take("dead_letters", deadLetterRow(letter, { name, atUs: Math.round(nowUs()) })),
  });
  const deliver: Sink["deliver"] = (outputs, place) => {
    for (const sink of [sqlite, changes, events, erasures, tally, publishers]) sink.deliver(outputs, place);
  };
  const before = openAlerts(sqlite.db);
  let endLooks = () => {};
  return {
    sqlite,
    events,
    webhooks,
    askHistory: erasures.askDiscreetly(ask),
    told: path === ":memory:" ? null : toldAlerts(sqlite.db),
    ...{ tally, publishers },
    retention: new Retention(config, { db: sqlite.db, ask }),
    deliver,
    begin: ({ journalId, atUs, operations }) => {
      for (const orphan of before.splice(0)) {
        if (orphan.journalId !== journalId) deliver([endOf(orphan, { atUs })], { ...orphan, atUs });
      }
      webhooks.begin();
      endLooks = webhookSettings.keepFresh({ every, log, operations, onChange: (file) => webhooks.use(file) });
    },
    journalRetention: {
      ...{ bytesMax: config.journalBytesMax, ageUs: config.journalAgeUs, keptUs: config.keptUs },
      ...{ neededAfter: () => publishers.keptIndex, neededBytesMax: config.publishJournalBytesMax },
    },
    publishFrom: (core) => publishers.begin(core),
    keepLosses: ({ report, ...from }) => {
      for (const loss of report.losses) sqlite.take("losses", lossRow(loss, from));
    },
    keepDelivery: (report, at) => {
      sqlite.take("deliveries", deliveryRow(report, at));
      events.publish("delivery", report);
    },
    isErasing: () => erasures.isUnder,
    owesErasure: () => erasures.isOwed,
    flush: async () => {
      if (!erasures.isUnder) await sqlite.flushInTurns({ rowsMax: FLUSH_ROWS_MAX, pause });
    },
    flushDurably: async () => {
      await erasures.settled();
      await sqlite.flushDurably({ pause });
      await erasures.run();
    },
    checkpointSqlite: () => thread?.checkpoint(),
    close: async () => {
      endLooks();
      await Promise.all([webhooks.close(), thread?.close(), publishers.close(), erasures.settled()]);
      sqlite.close();
    },
  };
}
