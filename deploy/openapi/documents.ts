// The OpenAPI documents that are committed, each beside the surface that serves it.
import { AGGREGATOR } from "../../aggregator/api/operations/operations.ts";
import { EDGE } from "../../edge/ingest/operations.ts";
import { documentOf } from "./document.ts";

const SURFACES = [
  ["aggregator/api/openapi.json", AGGREGATOR],
  ["edge/ingest/openapi.json", EDGE],
] as const;

/** By path from the root. */
export function documents(): Map<string, string> {
  return new Map(SURFACES.map(([path, surface]) => [path, `${JSON.stringify(documentOf(surface), null, 2)}\n`]));
}
