// The thread that publishes to a broker of MQTT.
import { systemPlatform } from "../../../platform/system.ts";
import { publishJournal } from "../publishing/publish_journal.ts";
import { MqttBroker, type MqttSettings } from "./broker.ts";
import { Taken } from "./taken.ts";

const { after } = systemPlatform("publishing");
const taken = new Taken();

publishJournal((settings: MqttSettings, journalId) => new MqttBroker(settings, { journalId, taken, after }));
