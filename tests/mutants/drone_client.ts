// Bugs of the client that people copy.
import type { Mutant } from "./mutant.ts";

export const DRONE_CLIENT_MUTANTS: Mutant[] = [
  {
    name: "reconnect-puts-the-newest-last",
    file: "clients/typescript/src/outbox.ts",
    from: "(kept.suspect ? this.#backlog : this.#fresh).set(seq, kept);",
    to: "this.#backlog.set(seq, kept);",
    tests: ["clients/drone_client_refusals_test.ts", "clients/drone_client_test.ts"],
  },
  {
    name: "acknowledged-without-having-been-sent",
    file: "clients/typescript/src/outbox.ts",
    from: "if (sentMs === -Infinity) continue;",
    to: "",
    tests: ["clients/outbox_test.ts"],
  },
  {
    name: "unreadable-record-sent-for-ever",
    file: "clients/typescript/src/outbox.ts",
    from: "UNREAD_MAX = 3",
    to: "UNREAD_MAX = 3000",
    tests: ["clients/outbox_test.ts"],
  },
  {
    name: "silent-link-is-kept",
    file: "clients/typescript/src/link.ts",
    from: "after(stepMs, () => this.drop())",
    to: "after(stepMs, () => {})",
    tests: ["clients/drone_client_test.ts"],
  },
  {
    name: "own-stall-is-the-edges-silence",
    file: "clients/typescript/src/link.ts",
    from: "after(stepMs, () => this.#cancelSilence = after(stepMs, () => this.drop()))",
    to: "after(2 * stepMs, () => this.drop())",
    tests: ["clients/link_test.ts"],
  },
  {
    name: "refused-connection-throws",
    file: "clients/typescript/src/link.ts",
    from: "socket.onerror = (event) => this.#lose(",
    to: "socket.onabort = (event: Event) => this.#lose(",
    tests: ["clients/drone_client_test.ts"],
  },
  {
    name: "fleet-reconnects-in-step",
    file: "clients/typescript/src/link.ts",
    from: "this.#parts.random() * limitMs",
    to: "limitMs",
    tests: ["clients/drone_client_test.ts"],
  },
  {
    name: "back-off-never-starts-anew",
    file: "clients/typescript/src/link.ts",
    from: "() => this.#failures = 0)",
    to: "() => {})",
    tests: ["clients/drone_client_test.ts"],
  },
  {
    name: "ack-of-another-boot-believed",
    file: "clients/typescript/src/drone_client.ts",
    from: 'body.case === "ack" && body.value.bootId === bootId',
    to: 'body.case === "ack"',
    tests: ["clients/drone_client_test.ts"],
  },
  {
    name: "alert-handed-on-each-time",
    file: "clients/typescript/src/drone_client.ts",
    from: "if (this.#alerts.take(alert)) this.#parts.onAlert?.(alert);",
    to: "this.#parts.onAlert?.(alert);",
    tests: ["clients/drone_client_alerts_test.ts"],
  },
  {
    name: "keeps-any-number-of-records",
    file: "clients/typescript/src/drone_client.ts",
    from: 'if (tooMany > 0) this.#lose(this.#outbox.giveUp(tooMany), "crowded-out");',
    to: "",
    tests: ["clients/drone_client_test.ts"],
  },
  {
    name: "refused-client-does-not-slow-down",
    file: "clients/typescript/src/pacing.ts",
    from: "this.#intervalMs * GROW",
    to: "this.#intervalMs",
    tests: ["clients/pacing_test.ts"],
  },
];
