// Bugs in what is told of the API, and in the files that it hands out.
import type { Mutant } from "./mutant.ts";

const TRACKS = ["export/tracks_test.ts"];
const PAGES = ["export/pages_test.ts"];

export const EXPORT_MUTANTS: Mutant[] = [
  {
    name: "route-that-no-document-has",
    file: "aggregator/api/operations/operations.ts",
    from: "    openUplink,\n",
    to: "",
    tests: ["api/documents_test.ts"],
  },
  {
    name: "operation-for-everybody",
    file: "edge/ingest/operations.ts",
    from: 'id: "readStatus", tag: "Edge", action: "view" }',
    to: 'id: "readStatus", tag: "Edge" }',
    tests: ["api/documents_test.ts"],
  },
  {
    name: "cell-that-is-a-formula",
    file: "aggregator/export/csv.ts",
    from: "FORMULA.test(cell) ? `'${cell}` : cell",
    to: "cell",
    tests: ["export/csv_test.ts"],
  },
  {
    name: "quote-that-ends-a-cell",
    file: "aggregator/export/csv.ts",
    from: `safe.replaceAll('"', '""')`,
    to: "safe",
    tests: ["export/csv_test.ts"],
  },
  {
    name: "page-that-begins-with-the-last-row",
    file: "aggregator/export/pages.ts",
    from: '`(${order.join(", ")}) > (',
    to: '`(${order.join(", ")}) >= (',
    tests: PAGES,
  },
  {
    name: "page-of-any-length",
    file: "aggregator/export/pages.ts",
    from: " || text.length > PAGE_CHARS",
    to: "",
    tests: PAGES,
  },
  {
    name: "ring-across-the-antimeridian",
    file: "aggregator/export/geojson.ts",
    from: "if (!ring.some(",
    to: "if (true || !ring.some(",
    tests: ["export/geojson_test.ts"],
  },
  {
    name: "line-across-the-antimeridian",
    file: "aggregator/export/track_text.ts",
    from: " || crosses(at(last), at(fix))",
    to: "",
    tests: TRACKS,
  },
  {
    name: "track-with-what-came-twice",
    file: "aggregator/export/tracks.ts",
    from: "seqs.add(seq, sentUs) || seqs.contradicts(seq, sentUs)",
    to: "true",
    tests: TRACKS,
  },
  {
    name: "track-of-an-erased-drone",
    file: "aggregator/export/tracks.ts",
    from: "index <= erasedIndex || ",
    to: "",
    tests: TRACKS,
  },
  {
    name: "track-by-a-clock-that-is-wrong",
    file: "aggregator/export/tracks.ts",
    from: "sentUs > timeUs + AHEAD_US_MAX || ",
    to: "",
    tests: TRACKS,
  },
  {
    name: "export-that-outlives-an-erasure",
    file: "aggregator/export/exported.ts",
    from: "ended ?? mayGoOn()",
    to: "ended",
    tests: ["export/exported_test.ts"],
  },
  {
    name: "export-that-ends-as-if-it-were-whole",
    file: "aggregator/export/exported.ts",
    from: "return controller.error(new Error(`Cannot go on with an export: ${why}`));",
    to: "return controller.close();",
    tests: ["export/exported_test.ts"],
  },
  {
    name: "track-thread-that-nobody-ends",
    file: "aggregator/export/track_thread.ts",
    from: "this.#isRunning = false;",
    to: "",
    tests: TRACKS,
  },
  {
    name: "export-of-who-is-erased",
    file: "aggregator/api/export_routes.ts",
    from: 'if (owesErasure()) return "a drone is being erased";',
    to: "",
    tests: ["export/routes_test.ts"],
  },
  {
    name: "head-that-begins-an-export",
    file: "aggregator/api/export_routes.ts",
    from: 'if (c.req.method === "HEAD") return c.body(null, 200, headers);',
    to: "",
    tests: TRACKS,
  },
];
