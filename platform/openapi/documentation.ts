// Tells people and programs of an HTTP surface: the document at /openapi.json, and at /docs a page that shows it, with nothing of
// any other host.
import { Hono } from "hono";

const FILES = [
  ["/docs", "docs.html", "text/html"],
  ["/docs.css", "docs.css", "text/css"],
  ["/docs.js", "docs.js", "text/javascript"],
  ["/docs_dom.js", "docs_dom.js", "text/javascript"],
  ["/docs_schema.js", "docs_schema.js", "text/javascript"],
] as const;

/** It runs and shows nothing but its own files, in nobody's frame. */
const POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:",
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'",
].join("; ");

/** @param document the file with the surface's document */
export function documentation(document: URL): Hono {
  const routes = new Hono();
  const sent = (file: URL, type: string) => async () =>
    new Response(await Deno.readFile(file), {
      headers: { "content-type": type, "cache-control": "no-cache", "content-security-policy": POLICY },
    });
  routes.get("/openapi.json", sent(document, "application/json"));
  for (const [path, name, type] of FILES) {
    routes.get(path, sent(new URL(`page/${name}`, import.meta.url), `${type}; charset=utf-8`));
  }
  return routes;
}
