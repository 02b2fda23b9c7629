// How far each region is, and the merger with it: the body of /v1/regions.
import { VERSION } from "../../platform/version.ts";
import type { SqliteSinkView } from "../sinks/sqlite.ts";
import type { Counts, Merger } from "./merger.ts";
import type { Reading } from "./readers.ts";

export interface RegionView extends Reading {
  region: string;
  topic: string;
  /** Its windows that end up to here have fired; are final. Unix µs; 0: none, as before its first edge came. */
  firedBeforeUs: number;
  finalBeforeUs: number;
}

export interface MergeReport {
  version: string;
  regions: RegionView[];
  /** What is held of windows that are not final. */
  held: Merger["held"];
  /** Messages of regions since the start, by what came of them. */
  messages: Counts;
  /** Windows told since the start. */
  told: number;
  /** Windows on their way to the database. */
  store: Pick<SqliteSinkView, "queuedRows" | "droppedRows">;
  /** Why nothing can be published; null: it can. */
  trouble: string | null;
}

const SECOND_US = 1_000_000;

export function mergeReport(
  { merger, topics, reading, told, store, trouble }: {
    merger: Pick<Merger, "regions" | "held" | "counts">;
    topics: ReadonlyMap<string, string>;
    reading: ReadonlyMap<string, Reading>;
    told: number;
    store: MergeReport["store"];
    trouble: string | null;
  },
): MergeReport {
  const regions = merger.regions.map(({ name: region, firedS, finalS }) => ({
    region,
    topic: topics.get(region) ?? "",
    firedBeforeUs: Math.max(0, firedS) * SECOND_US,
    finalBeforeUs: Math.max(0, finalS) * SECOND_US,
    ...reading.get(region) ?? { behind: null, trouble: null },
  }));
  const { queuedRows, droppedRows } = store;
  const [held, messages] = [merger.held, { ...merger.counts }];
  return { version: VERSION, regions, held, messages, told, store: { queuedRows, droppedRows }, trouble };
}
