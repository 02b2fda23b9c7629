import axe from "axe-core";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AGGREGATOR } from "../../aggregator/api/operations/operations.ts";
import { withAggregator } from "../aggregator/rig.ts";
import { ConsoleBrowser, hasChromium } from "./browser.ts";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

describe("the page of the API", { ignore: !hasChromium }, () => {
  it("shows every route with what it takes and answers, by its own files alone", async () => {
    await withAggregator({}, async ({ aggregator }) => {
      await using browser = await ConsoleBrowser.start();
      const { page, errors } = await browser.visit({ url: `${aggregator.url}/docs` });
      const hosts = new Set<string>();
      page.on("request", (request) => hosts.add(new URL(request.url()).origin));
      await page.reload();
      await page.locator("#listWindows").waitFor();
      assertEquals(await page.locator("#operations article").count(), AGGREGATOR.operations.length);
      assertEquals(await page.locator("#contents a").count(), AGGREGATOR.operations.length);
      const windows = await page.locator("#listWindows").innerText();
      for (
        const word of [
          "GET /v1/windows",
          "For whoever may view.",
          "integer from 1 to 1000; without it 60",
          "Errors: 400",
        ]
      ) {
        assertStringIncludes(windows, word);
      }
      await page.locator("#listWindows a", { hasText: "TumblingWindow" }).click();
      assertMatch(page.url(), /#schema-TumblingWindow$/);
      assertStringIncludes(await page.locator("#schema-TumblingWindow").innerText(), "dronesReporting");
      assertEquals([...hosts], [aggregator.url]);
      assertEquals(errors, []);
    });
  });

  for (const colorScheme of ["light", "dark"] as const) {
    it(`has nothing that axe finds against WCAG A and AA, ${colorScheme}, and fits a phone`, async () => {
      await withAggregator({}, async ({ aggregator }) => {
        await using browser = await ConsoleBrowser.start();
        const { page } = await browser.visit({ url: `${aggregator.url}/docs`, colorScheme, width: 400, height: 800 });
        await page.locator("#schemas article").first().waitFor();
        await page.locator("#listWindows summary").click();
        assertEquals(await page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0);
        await page.evaluate(axe.source);
        const options = { runOnly: { type: "tag", values: TAGS } };
        const audit = `axe.run(document, ${JSON.stringify(options)})
          .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html)))`;
        assertEquals(await page.evaluate(audit), []);
      });
    });
  }
});
