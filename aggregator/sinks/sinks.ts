// All sinks of one aggregator, and who answers questions to what they keep.
import type { Platform } from "../../platform/system.ts";
import type { Operations } from "../alerts/operations.ts";
import type { RetentionSettings } from "../journal/retention.ts";
import type { Arrival } from "../journal/entries.ts";
import type { DeliveryReport } from "../warnings/delivery_report.ts";
import { readWebhooks } from "../webhooks/settings.ts";
import { Webhooks } from "../webhooks/webhooks.ts";
import { AlertChanges } from "./alert_changes.ts";
import { eraseHere, eraseInThread, Erasures } from "./erasures.ts";
import { EventFanOut } from "./events.ts";
import { type Ask, askHere } from "./history.ts";
import { HistoryThread } from "./history_thread.ts";
import type { KafkaSettings } from "./kafka/broker.ts";
import { KAFKA } from "./kafka/destination.ts";
import { endOf, openAlerts } from "./orphans.ts";
import { type PublishingConfig, PublishingThread } from "./publishing/publishing_thread.ts";
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
  /** To whom the journal is published; null: nobody. */
  kafka: KafkaSettings | null;
  eventClientsMax: number;
  journalBytesMax: number;
  journalAgeUs: number;
}

/** In one go of `flush`. */
const FLUSH_ROWS_MAX = 500;

interface SinksPlatform extends Pick<Platform, "after" | "log"> {
  /** Unix µs. */
  nowUs: () => number;
}

/** Whose journal is published, as far as its disk has it, and who is told when it cannot be. */
interface PublishedCore {
  sequencer: { applied: { index: number } };
  operations: Pick<Operations, "degraded" | "restored">;
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
  /** What there was is recovered: alerts that this process does not know of end, and webhooks are told. */
  begin: (now: { journalId: string; atUs: number }) => void;
  /** Null: nothing is published. */
  kafka: PublishingThread | null;
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

const NO_WEBHOOKS = { consoleUrl: "", webhooks: [] };

/** @throws {Error} when the database cannot be opened, or what is said of webhooks is wrong */
export function openSinks(config: SinksConfig, { after, log, nowUs }: SinksPlatform): Sinks {
  const { sqlitePath: path, sqliteQueueRowsMax: queueRowsMax } = config;
  const file = config.webhooksPath === null ? NO_WEBHOOKS : readWebhooks(config.webhooksPath);
  const sqlite = new SqliteSink({ path, queueRowsMax });
  const pause = () => new Promise<void>((resolve) => void after(0, resolve));
  const events = new EventFanOut({ clientsMax: config.eventClientsMax });
  const tally = new Tally();
  // What is in memory only, only its own thread can read.
  const thread = path === ":memory:" ? null : new HistoryThread({ path, after, log });
  const platform = { after, log };
  const kafka = config.kafka && new PublishingThread(KAFKA, { settings: config.kafka, config, platform });
  const erasures = new Erasures(thread ? eraseInThread(path) : eraseHere(sqlite.db));
  const askHistory: Ask = thread ? (question) => thread.ask(question) : askHere(sqlite.db);
  const changes = new AlertChanges({
    sqlite,
    isAskedFor: file.webhooks.length > 0,
    reminders: file.webhooks.some(({ reminders }) => reminders),
  });
  const webhooks = new Webhooks({
    ...{ path, file, after, log },
    keepProgress: (name, progress) => sqlite.take("webhooks", webhookRow(name, progress)),
    keepDeadLetter: (name, letter) =>
      sqlite.take("dead_letters", deadLetterRow(letter, { name, atUs: Math.round(nowUs()) })),
  });
  const deliver: Sink["deliver"] = (outputs, place) => {
    for (const sink of [sqlite, changes, events, erasures, tally]) sink.deliver(outputs, place);
    kafka?.deliver(outputs, place);
  };
  const before = openAlerts(sqlite.db);
  return {
    sqlite,
    events,
    webhooks,
    askHistory,
    told: path === ":memory:" ? null : toldAlerts(sqlite.db),
    ...{ tally, kafka },
    retention: new Retention(config, { db: sqlite.db, ask: askHistory }),
    deliver,
    begin: ({ journalId, atUs }) => {
      for (const orphan of before.splice(0)) {
        if (orphan.journalId !== journalId) deliver([endOf(orphan, { atUs })], { ...orphan, atUs });
      }
      webhooks.begin();
    },
    journalRetention: {
      ...{ bytesMax: config.journalBytesMax, ageUs: config.journalAgeUs, keptUs: config.keptUs },
      ...kafka && { neededAfter: () => kafka.keptIndex, neededBytesMax: config.kafkaJournalBytesMax },
    },
    publishFrom: ({ sequencer, operations }) =>
      kafka?.begin({
        durableIndex: sequencer.applied.index,
        onTrouble: (why) => {
          if (why === null) return operations.restored("kafka");
          operations.degraded("kafka", { message: `Cannot publish to Kafka: ${why}`, severity: "warning" });
        },
      }),
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
      await Promise.all([webhooks.close(), thread?.close(), kafka?.close(), erasures.settled()]);
      sqlite.close();
    },
  };
}
