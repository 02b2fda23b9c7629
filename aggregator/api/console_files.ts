// The console's files, served as they are: a fixed list, so no path can reach another file.
import { Hono } from "hono";

const FILES: Record<string, [file: string, contentType: string]> = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/console.css": ["console.css", "text/css; charset=utf-8"],
  "/views.css": ["views.css", "text/css; charset=utf-8"],
  "/console.js": ["console.js", "text/javascript; charset=utf-8"],
  "/map.js": ["map.js", "text/javascript; charset=utf-8"],
  "/fleet.js": ["fleet.js", "text/javascript; charset=utf-8"],
  "/alerts.js": ["alerts.js", "text/javascript; charset=utf-8"],
  "/drone.js": ["drone.js", "text/javascript; charset=utf-8"],
};

/** Serves the console at / and its files beside it. */
export function consoleFiles(): Hono {
  const app = new Hono();
  for (const [path, [file, contentType]] of Object.entries(FILES)) {
    const url = new URL(`../console/${file}`, import.meta.url);
    app.get(path, async (c) => {
      const headers = { "content-type": contentType, "cache-control": "no-cache" };
      return c.body(await Deno.readTextFile(url), 200, headers);
    });
  }
  return app;
}
