// Bugs of what is the same for everything that the journal is published to, of its destinations beside Kafka, and of who reads.
import type { Mutant } from "./mutant.ts";

const PUBLISHERS = ["publishing/publishers_test.ts"];
const MESSAGES = ["publishing/messages_test.ts"];
const SETTINGS = ["publishing/settings_test.ts"];
const NATS = ["nats/broker_test.ts"];
const MQTT = ["mqtt/broker_test.ts"];

export const PUBLISHING_MUTANTS: Mutant[] = [
  {
    name: "the-journal-waits-for-the-quickest",
    file: "aggregator/sinks/publishing/publishers.ts",
    from: "Math.min(...this.#threads",
    to: "Math.max(...this.#threads",
    tests: PUBLISHERS,
  },
  {
    name: "all-destinations-have-one-alert",
    file: "aggregator/sinks/publishing/publishers.ts",
    from: "return operations.restored(name);",
    to: 'return operations.restored("kafka");',
    tests: PUBLISHERS,
  },
  {
    name: "what-is-set-now-begins-with-the-journal",
    file: "aggregator/sinks/publishing/publishing_thread.ts",
    from: 'beginsWith === "now" ? durableIndex : 0',
    to: "0",
    tests: PUBLISHERS,
  },
  {
    name: "unwanted-records-have-no-place",
    file: "aggregator/sinks/publishing/messages.ts",
    from: "this.#records.push(areRecordsWanted ? recordOf(counted, region) : UNWANTED);",
    to: "if (areRecordsWanted) this.#records.push(recordOf(counted, region));",
    tests: MESSAGES,
  },
  {
    name: "names-have-dots-in-them",
    file: "aggregator/sinks/publishing/path.ts",
    from: "if (/^[\\w~-]+$/.test(text))",
    to: "if (/^[\\w.~-]+$/.test(text))",
    tests: ["publishing/names_test.ts"],
  },
  {
    name: "records-go-to-mqtt-unasked",
    file: "aggregator/sinks/mqtt/settings.ts",
    from: 'fallback: ["metrics",',
    to: 'fallback: ["telemetry", "metrics",',
    tests: SETTINGS,
  },
  {
    name: "tokens-go-to-nats-in-the-clear",
    file: "aggregator/sinks/nats/settings.ts",
    from: "/^(user|token):/",
    to: "/^(user):/",
    tests: SETTINGS,
  },
  {
    name: "nats-messages-name-no-other",
    file: "aggregator/sinks/nats/broker.ts",
    from: "else all.append(EXPECTED_LAST_ID, this.#id(behind));",
    to: "",
    tests: NATS,
  },
  {
    name: "nats-messages-name-no-number",
    file: "aggregator/sinks/nats/broker.ts",
    from: 'if (typeof behind === "bigint") all.append(EXPECTED_LAST, `${behind - 1n}`);\n    else',
    to: 'if (typeof behind !== "bigint")',
    tests: NATS,
  },
  {
    name: "any-stream-of-the-name-will-do",
    file: "aggregator/sinks/nats/streams.ts",
    from: "if (!config.subjects?.includes(subjects)) {",
    to: "if (false) {",
    tests: NATS,
  },
  {
    name: "what-a-stream-takes-not-for-its-size-is-sent-for-ever",
    file: "aggregator/sinks/nats/broker.ts",
    from: "error.err_code === TOO_LARGE_CODE",
    to: "error.err_code === 0",
    tests: NATS,
  },
  {
    name: "what-mqtt-has-taken-is-forgotten",
    file: "aggregator/sinks/mqtt/taken.ts",
    from: "this.#last.set(name, { end: number + 1n, journalId, position });",
    to: "",
    tests: MQTT,
  },
  {
    name: "mqtt-goes-on-beside-another",
    file: "aggregator/sinks/mqtt/broker.ts",
    from: "if (reasonCode !== TAKEN_OVER) return;",
    to: "if (reasonCode !== 0) return;",
    tests: MQTT,
  },
  {
    name: "an-answer-that-mqtt-has-not-stalls-it",
    file: "aggregator/sinks/mqtt/broker.ts",
    from: " || why.message === UNKNOWN_ANSWER",
    to: "",
    tests: MQTT,
  },
  {
    name: "tail-shows-what-was-given-up",
    file: "aggregator/tail/committed.ts",
    from: "givenUp.has(producerId) ? []",
    to: "false ? []",
    tests: ["tail/committed_test.ts"],
  },
  {
    name: "tail-never-forgives-a-producer",
    file: "aggregator/tail/committed.ts",
    from: "givenUp.delete(producerId)",
    to: "undefined",
    tests: ["tail/committed_test.ts"],
  },
  {
    name: "tail-has-partitions-out-of-order",
    file: "aggregator/tail/topic_reader.ts",
    from: "Math.max(latestMs, message.timeMs)",
    to: "message.timeMs",
    tests: ["tail/by_time_test.ts"],
  },
  {
    name: "tail-hides-what-it-cannot-read",
    file: "aggregator/tail/lines.ts",
    from: "if (!(error instanceof Error)) throw error;\n    return decoder.decode(value);",
    to: 'return "";',
    tests: ["tail/lines_test.ts"],
  },
];
