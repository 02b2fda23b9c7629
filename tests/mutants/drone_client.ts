// Bugs of the client that people copy.
import type { Mutant } from "./mutant.ts";

export const DRONE_CLIENT_MUTANTS: Mutant[] = [
  {
    name: "reconnect-puts-the-newest-last",
    file: "sim/outbox.ts",
    from: "(kept.suspect ? this.#backlog : this.#fresh).set(seq, kept);",
    to: "this.#backlog.set(seq, kept);",
    tests: ["sim/drone_client_refusals_test.ts", "sim/drone_client_test.ts"],
  },
  {
    name: "acknowledged-without-having-been-sent",
    file: "sim/outbox.ts",
    from: "if (sentMs === -Infinity) continue;",
    to: "",
    tests: ["sim/outbox_test.ts"],
  },
  {
    name: "unreadable-record-sent-for-ever",
    file: "sim/outbox.ts",
    from: "UNREAD_MAX = 3",
    to: "UNREAD_MAX = 3000",
    tests: ["sim/outbox_test.ts"],
  },
  {
    name: "silent-link-is-kept",
    file: "sim/link.ts",
    from: "after(stepMs, () => this.drop())",
    to: "after(stepMs, () => {})",
    tests: ["sim/drone_client_test.ts"],
  },
  {
    name: "own-stall-is-the-edges-silence",
    file: "sim/link.ts",
    from: "after(stepMs, () => this.#cancelSilence = after(stepMs, () => this.drop()))",
    to: "after(2 * stepMs, () => this.drop())",
    tests: ["sim/link_test.ts"],
  },
  {
    name: "refused-connection-throws",
    file: "sim/link.ts",
    from: "socket.onerror = () => this.#lose(socket, ABNORMAL);",
    to: "",
    tests: ["sim/drone_client_test.ts"],
  },
  {
    name: "fleet-reconnects-in-step",
    file: "sim/link.ts",
    from: "this.#parts.random() * limitMs",
    to: "limitMs",
    tests: ["sim/drone_client_test.ts"],
  },
  {
    name: "back-off-never-starts-anew",
    file: "sim/link.ts",
    from: "() => this.#failures = 0)",
    to: "() => {})",
    tests: ["sim/drone_client_test.ts"],
  },
  {
    name: "ack-of-another-boot-believed",
    file: "sim/drone_client.ts",
    from: 'body.case === "ack" && body.value.bootId === bootId',
    to: 'body.case === "ack"',
    tests: ["sim/drone_client_test.ts"],
  },
  {
    name: "alert-handed-on-each-time",
    file: "sim/drone_client.ts",
    from: "if (this.#alerts.take(alert)) this.#parts.onAlert?.(alert);",
    to: "this.#parts.onAlert?.(alert);",
    tests: ["sim/drone_client_alerts_test.ts"],
  },
  {
    name: "keeps-any-number-of-records",
    file: "sim/drone_client.ts",
    from: 'if (tooMany > 0) this.#lose(this.#outbox.giveUp(tooMany), "crowded-out");',
    to: "",
    tests: ["sim/drone_client_test.ts"],
  },
  {
    name: "refused-client-does-not-slow-down",
    file: "sim/pacing.ts",
    from: "this.#intervalMs * GROW",
    to: "this.#intervalMs",
    tests: ["sim/pacing_test.ts"],
  },
];
