// The thread that publishes to Apache Kafka.
import { publishJournal } from "../publishing/publish_journal.ts";
import { KafkaBroker, type KafkaSettings } from "./broker.ts";

publishJournal((settings: KafkaSettings, journalId) => new KafkaBroker(settings, journalId));
