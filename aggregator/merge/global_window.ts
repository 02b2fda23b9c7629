// One window of all regions, computed from what each has told of its seconds.
import type { SlidingWindow, TumblingWindow } from "../outputs.ts";
import type { WindowKind } from "../pipeline/windows/firing.ts";
import { SLIDING_S } from "../pipeline/windows/firing.ts";
import { DroneSpan, slidingContent } from "../pipeline/windows/sliding.ts";
import { type ContentParts, tumblingContent } from "../pipeline/windows/tumbling.ts";
import type { MergedPane } from "./merged_pane.ts";
import type { Region } from "./region.ts";
import type { Seconds } from "./seconds.ts";

/** Who is in a window, and who is not. */
interface Completeness {
  /** Those that have told all of it so far, with or without drones in it. */
  regions: string[];
  /** Those that have not: silent, or behind. */
  missingRegions: string[];
}

/** As the aggregator's own; `revision` grows with each that differs, not by one. */
export type GlobalOutput =
  | { type: "tumbling"; window: TumblingWindow & Completeness }
  | { type: "sliding"; window: SlidingWindow & Completeness };

export interface WindowAt {
  kind: WindowKind;
  fleet: string;
  zone: string;
  endS: number;
}

interface WindowParts {
  regions: readonly Region[];
  seconds: Seconds;
  content: ContentParts;
  final: boolean;
}

const SECOND_US = 1_000_000;

export function windowOf(
  { kind, fleet, zone, endS }: WindowAt,
  { regions, seconds, content, final }: WindowParts,
): { output: GlobalOutput; /** It was computed from so many. */ panes: number } {
  const fromS = endS - (kind === "tumbling" ? 1 : SLIDING_S);
  const contributions = [...seconds.of({ fleet, zone, fromS, toS: endS })];
  const panes = contributions.flatMap(({ panes }) => panes);
  const told = regions.filter(({ firedS, sinceS }) => firedS >= endS && sinceS <= fromS);
  const missing = regions.filter((region) => !told.includes(region));
  const reached = regions.filter(({ reachedS }) => reachedS >= endS);
  const missingEdges = [...new Set(contributions.flatMap(({ missingEdges }) => missingEdges))].sort();
  const bounds = {
    ...{ fleet, zone, startUs: fromS * SECOND_US, endUs: endS * SECOND_US, final, missingEdges },
    // Each of these only grows.
    revision: contributions.reduce((sum, { revision }) => sum + revision + 1, reached.length) - 1,
    complete: missingEdges.length === 0 && missing.length === 0,
    regions: told.map(({ name }) => name),
    missingRegions: missing.map(({ name }) => name),
  };
  const output: GlobalOutput = kind === "tumbling"
    ? { type: "tumbling", window: { ...bounds, ...tumblingContent(panes, content) } }
    : { type: "sliding", window: { ...bounds, ...slidingContent(spansOf(panes)) } };
  return { output, panes: panes.length };
}

function spansOf(panes: readonly MergedPane[]): Map<string, DroneSpan> {
  const spans = new Map<string, DroneSpan>();
  for (const pane of panes) {
    const { droneId } = pane.membership.drone;
    let span = spans.get(droneId);
    if (!span) spans.set(droneId, span = new DroneSpan());
    span.add(pane);
  }
  return spans;
}
