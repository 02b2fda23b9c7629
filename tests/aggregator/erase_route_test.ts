import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Hono } from "hono";
import type { Api } from "../../aggregator/api/api.ts";
import { eraseRoute } from "../../aggregator/api/erase_route.ts";
import type { Erasing } from "../../aggregator/core/erasure.ts";
import { OPEN_GATE } from "../../identity/gate.ts";
import { pseudonyms } from "../../platform/pseudonyms.ts";

const pseudonym = pseudonyms("a test's key", "drone");

describe("POST /v1/drones/:id/erase", () => {
  it("has a drone erased by whoever asks for it, and tells the log its name alone", async () => {
    const [logs, erased]: [string[], { droneId: string; name: string }[]] = [[], []];
    let erasing: Erasing = "done";
    const api: Api = new Hono();
    const audited: string[] = [];
    eraseRoute(api, {
      ...{ gate: OPEN_GATE, clock: () => performance.now() },
      sequencer: {
        audit: ({ who, what, subject, after }) => {
          audited.push(`${who}: ${what} ${subject}, ${after}`);
          return Promise.resolve("safe");
        },
      },
      pseudonym,
      log: (_, message) => logs.push(message),
      erase: (drone) => {
        erased.push(drone);
        return Promise.resolve(erasing);
      },
    });
    const name = pseudonym("drone/1");
    const ask = (path: string, init: RequestInit = {}) =>
      api.request(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ by: "Ada" }),
        ...init,
      });
    const outcomes = { "done": 200, "under-way": 202, "refused": 503 } as const;
    for (const [outcome, status] of Object.entries(outcomes)) {
      erasing = outcome as Erasing;
      const response = await ask("/v1/drones/drone%2F1/erase");
      const answer = await response.json();
      assertEquals(response.status, status);
      if (status !== 503) assertEquals(answer, { name, by: "Ada" });
      assertStringIncludes(logs.at(-1)!, `erasing ${name}: ${outcome}, asked by "Ada"`);
    }
    assertEquals(audited, [`Ada: erase drone ${name}, done`, `Ada: erase drone ${name}, under-way`]);
    assertEquals(erased, Array(3).fill({ droneId: "drone/1", name }));
    assertEquals((await ask("/v1/drones/drone-1/erase", { headers: { "content-type": "text/plain" } })).status, 415);
    assertEquals((await ask("/v1/drones/drone-1/erase", { body: "{}" })).status, 400);
    assertEquals((await ask(`/v1/drones/${"x".repeat(65)}/erase`)).status, 400);
    assertEquals(erased.length, 3);
    assertEquals(logs.filter((line) => line.includes("drone/1")), []);
  });
});
