// What every process tells of itself to those who keep it running: the same at edge and aggregator.
import { z } from "zod";
import { json, operation } from "./operation.ts";

export const readHealth = operation({
  ...{ method: "get", path: "/healthz", id: "readHealth", tag: "Process" },
  summary: "Whether it lives",
  answers: { 200: json("It does", z.object({ status: z.literal("ok") })) },
});

const Unready = z.object({ status: z.literal("not ready"), reason: z.string() });

export const readReadiness = operation({
  ...{ method: "get", path: "/readyz", id: "readReadiness", tag: "Process" },
  summary: "Whether it takes work",
  answers: {
    200: json("It does", z.object({ status: z.literal("ready") })),
    503: json("It does not, and why", Unready),
  },
});

export const readMetrics = operation({
  ...{ method: "get", path: "/metrics", id: "readMetrics", tag: "Process", action: "view" },
  summary: "What Prometheus is told",
  answers: { 200: { about: "In its text format", content: { "text/plain": z.string() } } },
});

/** A page for people; the files that it loads are none. */
export function page(path: string, { id, summary }: { id: string; summary: string }) {
  return operation({
    ...{ method: "get", path, id, tag: "Pages", summary },
    answers: { 200: { about: "The page", content: { "text/html": z.string() } } },
  });
}

export const readDocument = operation({
  ...{ method: "get", path: "/openapi.json", id: "readDocument", tag: "Pages" },
  summary: "This document",
  answers: { 200: json("OpenAPI 3.1", z.looseObject({ openapi: z.string() })) },
});

export const readDocs = page("/docs", { id: "readDocs", summary: "This document as a page" });
