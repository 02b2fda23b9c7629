import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AGGREGATOR_SETTINGS } from "../../aggregator/config.ts";
import { MERGER_SETTINGS } from "../../aggregator/merge/config.ts";
import { EDGE_SETTINGS } from "../../edge/config.ts";
import { AGE_COLUMNS } from "../../aggregator/sinks/schema.ts";
import { read, tableUnder } from "./pages.ts";

const page = { path: "docs/privacy.md", text: await read("docs/privacy.md") };
const rows = tableUnder("## What is kept where", page);

describe("docs/privacy.md", () => {
  it("says of every table, and of journal, checkpoints, KV, logs and memory, what is kept of a drone and for how long", () => {
    const places = rows.map(([where]) => where!).join(" ");
    const tables = Object.keys(AGE_COLUMNS).map((table) => `\`${table}\``);
    const others = ["journal", "checkpoints", "memory of the aggregator", "memory of an edge", "KV of an edge", "logs"];
    assertEquals([...tables, ...others].filter((place) => !places.includes(place)), []);
    assertEquals(rows.filter((cells) => cells.length !== 4 || cells.some((cell) => cell === "")), []);
  });

  it("names settings that there are", () => {
    const names = Array.from(page.text.matchAll(/SLIPSTREAM_[A-Z_]+/g), ([name]) => name);
    assertGreater(names.length, 15);
    const known: string[] = [AGGREGATOR_SETTINGS, EDGE_SETTINGS, MERGER_SETTINGS].flatMap(Object.keys);
    assertEquals(names.filter((name) => !known.includes(name)), []);
  });
});
