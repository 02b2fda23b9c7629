// Every route is in the document that is served, and nothing else is; what is served is what the operations say.
import { assert, assertEquals, assertGreater } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { AGGREGATOR } from "../../aggregator/api/operations/operations.ts";
import { documents } from "../../deploy/openapi/documents.ts";
import { EDGE } from "../../edge/ingest/operations.ts";
import type { Surface } from "../../platform/openapi/document.ts";
import { ROOT } from "../style/sources.ts";
import { ApiRig } from "./api_rig.ts";
import { edgeApp } from "./edge_app.ts";

/** Files that pages load. */
const BESIDE = /^\/\w+\.(css|js)$/;
const HOW = "add an operation for it, put it into the list of the surface, then deno task openapi: see CONTRIBUTING.md";

interface Routed {
  routes: { method: string; path: string }[];
  request: (path: string, init?: RequestInit) => Response | Promise<Response>;
}

const nameOf = ({ method, path }: { method: string; path: string }) => `${method.toUpperCase()} ${path}`;

function routesOf({ routes }: Routed): Set<string> {
  // `use` is in front of all of them.
  return new Set(routes.filter(({ method, path }) => method !== "ALL" && !BESIDE.test(path)).map(nameOf));
}

const rig = new ApiRig();
const surfaces: [name: string, surface: Surface, app: (allowed?: boolean) => Routed, path: string][] = [
  ["the aggregator", AGGREGATOR, (allowed) => rig.api({ allowed }), "aggregator/api/openapi.json"],
  ["the edge", EDGE, (allowed) => edgeApp({ allowed }), "edge/ingest/openapi.json"],
];

for (const [name, surface, app, path] of surfaces) {
  const operations = new Set(surface.operations.map(nameOf));

  describe(`the document of ${name}`, () => {
    beforeEach(() => rig.open());
    afterEach(() => rig.close());

    it("has every route", () => {
      const missing = [...routesOf(app())].filter((route) => !operations.has(route));
      assertEquals(missing, [], `Cannot find ${missing.join(", ")} in ${path}: ${HOW}`);
    });

    it("has nothing that is no route", () => {
      const routes = routesOf(app());
      assertEquals([...operations].filter((operation) => !routes.has(operation)), []);
      assertGreater(routes.size, 8);
    });

    it("is what the operations say", async () => {
      const committed = await Deno.readTextFile(new URL(path, ROOT));
      assert(committed === documents().get(path), `Cannot accept ${path}: run deno task openapi`);
    });

    it("is served, and so is its page, with the files that it loads", async () => {
      const document = await (await app().request("/openapi.json")).json();
      assertEquals(document.openapi, "3.1.0");
      const page = await app().request("/docs");
      assertEquals(
        page.headers.get("content-security-policy")?.includes("default-src 'none'; script-src 'self'"),
        true,
      );
      const text = await page.text();
      const files = Array.from(text.matchAll(/(?:src|href)="(\/[^"]+\.\w+)"/g), ([, file]) => file!);
      assertEquals(files.length, 3);
      for (const file of files) {
        const { status, body } = await app().request(file);
        await body?.cancel();
        assertEquals(status, 200, file);
      }
    });

    it("has a name of its own for every operation", () => {
      assertEquals(new Set(surface.operations.map(({ id }) => id)).size, surface.operations.length);
    });

    it("says who may ask: without a proof that is 403 where it says so, and nowhere else", async () => {
      for (const { method, path, action } of surface.operations) {
        // Who may connect is asked when it is a WebSocket that somebody wants.
        if (action === "publish") continue;
        const headers = { "content-type": "application/json" };
        const body = method === "get" ? {} : { body: "{}" };
        const response = await app(false).request(path, { method: method.toUpperCase(), headers, ...body });
        const told = await response.text();
        assertEquals(
          told === JSON.stringify({ error: `Cannot ${action}` }),
          action !== undefined,
          `${method} ${path}: ${told}`,
        );
      }
    });
  });
}
