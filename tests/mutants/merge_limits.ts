// Bugs of what keeps windows of several regions right when much comes at once, or what should not.
import type { Mutant } from "./mutant.ts";

const LIMITS = ["merge/limits_test.ts"];
const TURNS = ["merge/turns_test.ts"];
const OUTLET = ["merge/outlet_test.ts"];
const STORE = ["merge/window_store_test.ts"];
const PLACE = ["merge/reading_place_test.ts"];

export const MERGE_LIMIT_MUTANTS: Mutant[] = [
  {
    name: "a-backlog-is-told-at-once",
    file: "aggregator/merge/merger.ts",
    from: "if (turn.panesLeft <= 0) return false;",
    to: "",
    tests: LIMITS,
  },
  {
    name: "what-is-final-goes-ahead-of-what-is-told",
    file: "aggregator/merge/merger.ts",
    from: "if (!this.#tell(this.#due.finish(endS), { turn, final: true })) return false;",
    to: "if (!this.#tell(this.#due.finish(endS), { turn, final: true })) break;",
    tests: LIMITS,
  },
  {
    name: "windows-come-in-any-order",
    file: "aggregator/merge/due.ts",
    from: ".sort((a, b) => a - b)",
    to: ".sort((a, b) => b - a)",
    tests: LIMITS,
  },
  {
    name: "panes-stay-for-ever",
    file: "aggregator/merge/seconds.ts",
    from: "if (this.#opened.size <= OPENED_MAX) return;",
    to: "return;",
    tests: LIMITS,
  },
  {
    name: "a-window-counts-as-told-before-it-is",
    file: "aggregator/merge/due.ts",
    from: "        yield window;\n        Object.assign(window, { isDue: false, toldMs: nowMs });",
    to: "        Object.assign(window, { isDue: false, toldMs: nowMs });\n        yield window;",
    tests: LIMITS,
  },
  {
    name: "readers-go-on-while-nothing-is-sent",
    file: "aggregator/merge/turns.ts",
    from: "return isStuck || merger.held.bytes > bytesMax;",
    to: "return merger.held.bytes > bytesMax;",
    tests: TURNS,
  },
  {
    name: "readers-go-on-beyond-the-bound",
    file: "aggregator/merge/turns.ts",
    from: "return isStuck || merger.held.bytes > bytesMax;",
    to: "return isStuck;",
    tests: TURNS,
  },
  {
    name: "pieces-pile-up-before-the-database",
    file: "aggregator/merge/turns.ts",
    from: "await store.keep(outputs);",
    to: "void store.keep(outputs);",
    tests: TURNS,
  },
  {
    name: "a-backlog-waits-between-pieces",
    file: "aggregator/merge/turns.ts",
    from: "merger.isBehind ? 0 : INTERVAL_MS",
    to: "INTERVAL_MS",
    tests: TURNS,
  },
  {
    name: "small-messages-cost-nothing",
    file: "aggregator/merge/contribution.ts",
    from: "value.length + MESSAGE_BYTES, OWN_BYTES",
    to: "value.length, 0",
    tests: LIMITS,
  },
  {
    name: "a-region-with-a-gap-has-told-all",
    file: "aggregator/merge/global_window.ts",
    from: "firedS >= endS && sinceS <= fromS",
    to: "firedS >= endS",
    tests: LIMITS,
  },
  {
    name: "a-restart-forgets-a-gap",
    file: "aggregator/merge/merger.ts",
    from: "region.sinceS = sinceS[region.name] ?? -Infinity",
    to: "region.sinceS = -Infinity",
    tests: LIMITS,
  },
  {
    name: "a-clock-that-is-set-back-stays-ahead",
    file: "aggregator/merge/region.ts",
    from: "const isSetBack = finalS > 0 && finalS < this.finalS;",
    to: "const isSetBack = false;",
    tests: LIMITS,
  },
  {
    name: "nobody-waits-once-a-clock-was-ahead",
    file: "aggregator/merge/due.ts",
    from: "if (lastS < reachedS) this.#goBack(lastS);",
    to: "",
    tests: LIMITS,
  },
  {
    name: "one-message-can-end-all-windows",
    file: "aggregator/merge/region.ts",
    from: 'if (!isBelievable(told, nowS)) return "unreadable";',
    to: "",
    tests: LIMITS,
  },
  {
    name: "a-window-may-have-any-number-of-parts",
    file: "aggregator/merge/region.ts",
    from: " && parts <= PARTS_MAX",
    to: "",
    tests: LIMITS,
  },
  {
    name: "a-place-can-end-all-windows",
    file: "aggregator/merge/place.ts",
    from: "place.finalS <= nowS + AHEAD_S_MAX ? place : { ...NOWHERE, step: place.step }",
    to: "place",
    tests: OUTLET,
  },
  {
    name: "rows-are-dropped-in-a-burst",
    file: "aggregator/merge/window_store.ts",
    from: "if (sqlite.view.queuedRows + sliceRows > queueRowsMax) await flushAll();",
    to: "",
    tests: STORE,
  },
  {
    name: "a-topic-that-was-made-anew-is-read-from-where-it-was",
    file: "aggregator/merge/reading_place.ts",
    from: "(this.#topicId !== null && this.#topicId !== topicId) || next > end",
    to: "next > end",
    tests: PLACE,
  },
  {
    name: "a-topic-that-was-cut-is-never-read",
    file: "aggregator/merge/reading_place.ts",
    from: " || next > end",
    to: "",
    tests: PLACE,
  },
  {
    name: "messages-that-are-gone-are-not-missed",
    file: "aggregator/merge/reading_place.ts",
    from: "if (!isAnother && first <= next) return null;",
    to: "if (!isAnother) return null;",
    tests: PLACE,
  },
];
