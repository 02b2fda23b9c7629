// The thread that publishes to NATS JetStream.
import { publishJournal } from "../publishing/publish_journal.ts";
import { hearResets } from "./below_tls.ts";
import { NatsBroker, type NatsSettings } from "./broker.ts";

hearResets();
publishJournal((settings: NatsSettings, journalId) => new NatsBroker(settings, journalId));
