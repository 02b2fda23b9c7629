// Bugs of the doors: who is let in and how much is read of him, and of the history's thread behind them.
import type { Mutant } from "./mutant.ts";

export const DOOR_MUTANTS: Mutant[] = [
  {
    name: "any-number-of-questions-waits",
    file: "aggregator/sinks/history_thread.ts",
    from: "if (waiting >= QUESTIONS_MAX) {",
    to: "if (waiting >= Infinity) {",
    tests: ["aggregator/history_thread_test.ts"],
  },
  {
    name: "thread-that-is-stuck-is-kept",
    file: "aggregator/sinks/history_thread.ts",
    from: "if (mine === this.#asked) return this.#replace(",
    to: "if (mine === this.#asked) return this.#settle(",
    tests: ["aggregator/history_thread_test.ts"],
  },
  {
    name: "question-that-waits-is-never-answered",
    file: "aggregator/sinks/history_thread.ts",
    from: "mine.answer({ status: 503, error: `Cannot look it up ${within}: others were first` });",
    to: "void within;",
    tests: ["aggregator/history_thread_test.ts"],
  },
  {
    name: "thread-that-fails-ends-the-process",
    file: "aggregator/sinks/history_thread.ts",
    from: "event.preventDefault();",
    to: "",
    tests: ["aggregator/history_thread_test.ts"],
  },
  {
    name: "thread-that-fails-is-started-without-end",
    file: "aggregator/sinks/history_thread.ts",
    from: "after(RESTART_MS, () => this.#start())",
    to: "after(0, () => this.#start())",
    tests: ["aggregator/history_thread_test.ts"],
  },
  {
    name: "answers-of-any-length",
    file: "aggregator/sinks/history.ts",
    from: "if (chars > ANSWER_CHARS_MAX) {",
    to: "if (chars > Infinity) {",
    tests: ["aggregator/history_test.ts"],
  },
  {
    name: "head-takes-a-readers-place",
    file: "aggregator/api/api.ts",
    from: 'if (c.req.method === "HEAD") return c.body(null, 200, headers);',
    to: "",
    tests: ["aggregator/doors_test.ts"],
  },
  {
    name: "any-length-of-a-body-is-read",
    file: "platform/openapi/asked.ts",
    from: "if (bytes > bytesMax) {",
    to: "if (bytes > Infinity) {",
    tests: ["aggregator/doors_test.ts"],
  },
  {
    name: "any-name-leads-to-the-aggregator",
    file: "identity/surface.ts",
    from: "if (refusal === null) await",
    to: "if (refusal !== undefined) await",
    tests: ["aggregator/doors_test.ts"],
  },
  {
    name: "any-name-leads-to-the-edge",
    file: "identity/surface.ts",
    from: "if (refusal === null) await",
    to: "if (refusal !== undefined) await",
    tests: ["edge/sockets_test.ts"],
  },
  {
    name: "slow-readers-are-kept",
    file: "aggregator/sinks/events.ts",
    from: "(client.desiredSize ?? 0) >= bytes.length",
    to: "true",
    tests: ["aggregator/events_test.ts"],
  },
  {
    name: "readers-that-left-keep-their-place",
    file: "aggregator/sinks/events.ts",
    from: "if (client) this.#clients.delete(client);",
    to: "",
    tests: ["aggregator/events_test.ts"],
  },
];
