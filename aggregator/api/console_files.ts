// The console's files, served as they are: a fixed list, so no path can reach another file.
import { Hono } from "hono";

const TYPES = { html: "text/html", css: "text/css", js: "text/javascript" } as const;
const NAMES = {
  css: ["alerts", "audit", "console", "session", "views"],
  js: [
    ...["console", "audit", "session", "feed", "freshness", "requests", "dom", "words", "thresholds"],
    ...["status", "banners", "fleet", "sparkline", "edges", "drone"],
    ...["alerts", "alert_book", "alert_list", "alert_row"],
    ...["map", "map_paint", "map_input", "camera", "drones", "encounter"],
  ],
} as const;

const FILES: [path: string, file: string, type: keyof typeof TYPES][] = [
  ["/", "index.html", "html"],
  ["/audit", "audit.html", "html"],
  ...(["css", "js"] as const).flatMap((type) =>
    NAMES[type].map((name): [string, string, "css" | "js"] => [`/${name}.${type}`, `${name}.${type}`, type])
  ),
];

/** It runs and shows nothing but its own files, in nobody's frame. */
const POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:",
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'",
].join("; ");

/** Serves the console at / and its files beside it. */
export function consoleFiles(): Hono {
  const app = new Hono();
  for (const [path, file, type] of FILES) {
    const url = new URL(`../console/${file}`, import.meta.url);
    app.get(path, async (c) => {
      const headers = {
        "content-type": `${TYPES[type]}; charset=utf-8`,
        "cache-control": "no-cache",
        "content-security-policy": POLICY,
      };
      return c.body(await Deno.readTextFile(url), 200, headers);
    });
  }
  return app;
}
