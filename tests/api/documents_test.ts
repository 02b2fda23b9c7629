// Every route is in the document that is served, and nothing else is; what is served is what the operations say.
import { assert, assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type ApiParts, createApi } from "../../aggregator/api/api.ts";
import { AGGREGATOR } from "../../aggregator/api/operations/operations.ts";
import { documents } from "../../deploy/openapi/documents.ts";
import { type AppParts, createApp } from "../../edge/ingest/app.ts";
import { EDGE } from "../../edge/ingest/operations.ts";
import type { Surface } from "../../platform/openapi/operation.ts";
import { HANDSHAKE, JSON_TYPE } from "../identity/surfaces.ts";
import { ROOT } from "../style/sources.ts";

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

/** Nobody may do anything; nothing is behind it. */
const parts = {
  gate: {
    admit: (_: unknown, action: string) => Promise.resolve({ error: `Cannot ${action}`, status: 403, headers: {} }),
  },
  hosts: null,
  origins: new Set(),
  refusesConnections: () => null,
  log: () => {},
  pseudonym: () => "",
};
const surfaces: [name: string, surface: Surface, app: Routed, path: string][] = [
  ["the aggregator", AGGREGATOR, createApi(parts as unknown as ApiParts), "aggregator/api/openapi.json"],
  ["the edge", EDGE, createApp(parts as unknown as AppParts), "edge/ingest/openapi.json"],
];

for (const [name, surface, app, path] of surfaces) {
  const operations = new Set(surface.operations.map(nameOf));

  describe(`the document of ${name}`, () => {
    it("has every route", () => {
      const missing = [...routesOf(app)].filter((route) => !operations.has(route));
      assertEquals(missing, [], `Cannot find ${missing.join(", ")} in ${path}: ${HOW}`);
    });

    it("has nothing that is no route", () => {
      const routes = routesOf(app);
      assertEquals([...operations].filter((operation) => !routes.has(operation)), []);
      assertGreater(routes.size, 8);
    });

    it("is what the operations say", async () => {
      const committed = await Deno.readTextFile(new URL(path, ROOT));
      assert(committed === documents().get(path), `Cannot accept ${path}: run deno task openapi`);
    });

    it("is served, and so is its page, with the files that it loads", async () => {
      const document = await (await app.request("/openapi.json")).json();
      assertEquals(document.openapi, "3.1.0");
      const page = await app.request("/docs");
      assertEquals(
        page.headers.get("content-security-policy")?.includes("default-src 'none'; script-src 'self'"),
        true,
      );
      const text = await page.text();
      const files = Array.from(text.matchAll(/(?:src|href)="(\/[^"]+\.\w+)"/g), ([, file]) => file!);
      assertEquals(files.length, 3);
      for (const file of files) {
        const { status, body } = await app.request(file);
        await body?.cancel();
        assertEquals(status, 200, file);
      }
    });

    it("has a name of its own for every operation", () => {
      assertEquals(new Set(surface.operations.map(({ id }) => id)).size, surface.operations.length);
    });

    it("says what somebody must be allowed to do who asks", async () => {
      for (const { method, path, action } of surface.operations) {
        const body = method === "get" ? {} : { body: "{}" };
        const headers = { ...JSON_TYPE, ...HANDSHAKE };
        const response = await app.request(path, { method: method.toUpperCase(), headers, ...body });
        const [, refused] = /^{"error":"Cannot ([a-z]+)"}$/.exec(await response.text()) ?? [];
        assertEquals(refused, action, `${method} ${path}`);
      }
    });
  });
}

describe("a parameter", () => {
  it("is needed where nothing can be asked without it, and of one type, as text is never null", () => {
    const { paths } = JSON.parse(documents().get("aggregator/api/openapi.json")!);
    const told = (path: string): [string, boolean, string][] =>
      paths[path].get.parameters.map((of: { name: string; required: boolean; schema: { type: string } }) => {
        return [of.name, of.required, of.schema.type];
      });
    assertEquals(told("/v1/export/alerts"), [
      ["from", true, "integer"],
      ["to", true, "integer"],
      ["format", false, "string"],
    ]);
    assertEquals(told("/v1/deliveries"), [["alert", false, "integer"], ["limit", false, "integer"]]);
    assertEquals(told("/v1/drones/{id}"), [["id", true, "string"]]);
  });
});
