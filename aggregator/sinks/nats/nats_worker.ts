// The thread that publishes to NATS JetStream.
import { publishJournal } from "../publishing/publish_journal.ts";
import { NatsBroker, type NatsSettings } from "./broker.ts";

publishJournal((settings: NatsSettings, journalId) => new NatsBroker(settings, journalId));
