import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type ApiParts, createApi } from "../../aggregator/api/api.ts";
import { AGGREGATOR_SETTINGS } from "../../aggregator/config.ts";
import { createMergeApi, type MergeApiParts } from "../../aggregator/merge/api.ts";
import { MERGER_SETTINGS } from "../../aggregator/merge/config.ts";
import { EDGE_SETTINGS } from "../../edge/config.ts";
import { type AppParts, createApp } from "../../edge/ingest/app.ts";
import type { Kind } from "../../platform/kinds.ts";
import { AlertKind } from "../../proto/gen/slipstream/v1/alert_pb.ts";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { CloseCode } from "../../proto/words.ts";
import { type Page, read, ROOT, tableUnder } from "./pages.ts";

const page = async (path: string): Promise<Page> => ({ path, text: await read(path) });
const [operations, api, protocol] = await Promise.all(
  ["operations", "api", "protocol"].map((n) => page(`docs/${n}.md`)),
);

/** What stands in a cell as code. */
const codes = (cell: string) => Array.from(cell.matchAll(/`([^`]+)`/g), ([, code]) => code!);
const missing = (wanted: Iterable<string>, found: Iterable<string>) => {
  const has = new Set(found);
  return [...wanted].filter((one) => !has.has(one));
};

describe("docs/operations.md", () => {
  const tables: [heading: string, settings: Record<string, Kind<unknown>>][] = [
    ["### Edge", EDGE_SETTINGS],
    ["### Aggregator", AGGREGATOR_SETTINGS],
    ["### Merger", MERGER_SETTINGS],
  ];
  for (const [heading, settings] of tables) {
    it(`${heading.slice(4)}: has each setting with what holds without it, as --help does`, () => {
      const told = new Map<string, string>();
      const shared = tableUnder("### Who is let in", operations!);
      for (const [names, defaults] of [...tableUnder(heading, operations!), ...shared]) {
        const values = codes(names!).length > 1 ? defaults!.split(", ") : [defaults!];
        for (const [i, name] of codes(names!).entries()) told.set(name, values[i] ?? "");
      }
      const wanted = Object.entries(settings).map(([name, { shown }]): [string, string] => [name, shown]);
      assertEquals(Object.fromEntries([...told].sort()), Object.fromEntries(wanted.sort()));
    });
  }

  it("says of each kind of alert what to do", () => {
    const kinds = Object.keys(AlertKind).filter((name) => Number.isNaN(Number(name)) && name !== "UNSPECIFIED");
    assertGreater(kinds.length, 10);
    const rows = tableUnder("## What to do for each alert", operations!);
    assertEquals(
      missing(kinds.map((kind) => kind.toLowerCase().replaceAll("_", "-")), rows.flatMap(([a]) => codes(a!))),
      [],
    );
    assertEquals(rows.filter((cells) => cells.length !== 3 || cells.some((cell) => cell === "")), []);
  });

  it("says of each thing that can be degraded what to do", async () => {
    const keys: string[] = [];
    for (const path of ["core/recovery_report", "core/trouble", "core/journal_watch", "intake/edge_alerts"]) {
      const text = await read(`aggregator/${path}.ts`);
      for (const [, key] of text.matchAll(/\b(?:degraded|happened)\(["`]([\w/-]+)/g)) keys.push(key!);
    }
    for (const path of ["edge_rule", "hearing"]) {
      const text = await read(`aggregator/pipeline/edges/${path}.ts`);
      for (const [, what] of text.matchAll(/`([a-z-]+)\/\$\{edgeId\}`/g)) {
        keys.push(what === "edge-lost" ? what : `${what}/`);
      }
    }
    assertGreater(keys.length, 8);
    const told = tableUnder("## What to do for each alert", operations!).flatMap(([alert]) => codes(alert!));
    assertEquals(missing(keys.map((key) => key.replace(/\/$/, "/ID")), told), []);
  });
});

describe("docs/api.md", () => {
  // Nothing is asked of the parts before a request comes.
  const apps = {
    "## Aggregator, port 8788": createApi({} as ApiParts),
    "## Merger, port 8789": createMergeApi({} as MergeApiParts),
    "## Edge, port 8787": createApp({} as AppParts),
  };
  for (const [heading, app] of Object.entries(apps)) {
    it(`${heading.slice(3)}: has each route, and none that is not there`, () => {
      const isFile = (path: string) => /\.(js|css)$/.test(path);
      const there = app.routes.filter(({ method, path }) => method !== "ALL" && !isFile(path));
      const told = tableUnder(heading, api!).map(([route]) => codes(route!)[0]!.replace(/\?.*/, ""));
      assertEquals(told.sort(), [...new Set(there.map(({ method, path }) => `${method} ${path}`))].sort());
    });
  }
});

describe("docs/protocol.md", () => {
  it("has each reason for a refusal, as one that is final or not", () => {
    const reasons = Object.keys(RefusalReason).filter((name) => Number.isNaN(Number(name)) && name !== "UNSPECIFIED");
    assertGreater(reasons.length, 8);
    const at = protocol!.text.indexOf("The reasons of a `Throttle`");
    const rows = tableUnder("The reasons of a `Throttle`, all of them:", {
      ...protocol!,
      text: protocol!.text.slice(at - 1),
    });
    assertEquals(rows.flatMap(([reason]) => codes(reason!)).sort(), reasons.sort());
  });

  it("has each close code", () => {
    const told = ["## Close codes", "Between edge and aggregator"].flatMap((heading) => {
      const text = protocol!.text.slice(protocol!.text.indexOf(`\n${heading}`));
      return tableUnder(text.split("\n")[1]!, { ...protocol!, text }).map(([code]) => Number(code));
    });
    assertEquals(missing(Object.values(CloseCode).map(String), told.map(String)), []);
    assertEquals(missing(told.map(String), Object.values(CloseCode).map(String)), []);
  });
});

describe("the README", () => {
  it("has the two commands with which everything begins", async () => {
    const { text } = await page("README.md");
    for (const task of ["demo", "test"]) {
      assertEquals(text.includes(`\n\`\`\`sh\nnpx -y deno@2.9.6 task ${task}\n\`\`\`\n`), true, task);
    }
    assertEquals((await Deno.readTextFile(new URL(".ci/run", ROOT))).includes("DENO_VERSION=2.9.6"), true);
  });
});
