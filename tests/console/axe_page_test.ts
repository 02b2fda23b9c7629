import axe from "axe-core";
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { alert, drone } from "../aggregator/fake_pipeline.ts";
import { withAggregator } from "../aggregator/rig.ts";
import { ConsoleBrowser, hasChromium } from "./browser.ts";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

describe("the page", { ignore: !hasChromium }, () => {
  for (const colorScheme of ["light", "dark"] as const) {
    it(`has nothing that axe finds against WCAG A and AA, ${colorScheme}, in trouble as in peace`, async () => {
      await withAggregator({}, async ({ aggregator, pipeline }) => {
        const nowUs = Date.now() * 1000;
        const times = { raisedTimeUs: nowUs - 5e6, changedTimeUs: nowUs - 1e6 };
        pipeline.all = [drone("drone-1"), drone("drone-2")];
        pipeline.alerts = [
          alert(1, { kind: "conflict", severity: "critical", droneIds: ["drone-1", "drone-2"], ...times }),
          alert(2, { ...times, acknowledgedBy: "somebody" }),
          alert(3, { kind: "degraded", severity: "critical", droneIds: [], message: "edge-1 is overloaded", ...times }),
        ];
        await using browser = await ConsoleBrowser.start();
        const { page } = await browser.open({ url: aggregator.url, colorScheme });
        await page.locator("#alerts li").nth(2).waitFor();
        await page.locator("#alerts .link").first().click();
        await page.locator("#drone-box").waitFor();
        await page.locator("#resolved-box summary").click();
        await page.evaluate(axe.source);
        const options = { runOnly: { type: "tag", values: TAGS } };
        const audit = `axe.run(document, ${JSON.stringify(options)})
          .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html)))`;
        assertEquals(await page.evaluate(audit), []);
        await page.evaluate("document.body.dataset.stale = ''");
        assertEquals(await page.evaluate(audit), [], "when it is stale");
      });
    });
  }

  it("has its times in 24 hours, and says that they are UTC", async () => {
    await withAggregator({}, async ({ aggregator, pipeline }) => {
      pipeline.alerts = [alert(1, { raisedTimeUs: Date.UTC(2026, 10, 30, 15, 4, 5) * 1000 })];
      await using browser = await ConsoleBrowser.start();
      const { page } = await browser.open({ url: aggregator.url });
      await page.locator("#alerts li", { hasText: "15:04:05 UTC" }).waitFor();
      assertMatch(await page.locator("#clock").innerText(), /^\d\d:\d\d:\d\d UTC$/);
    });
  });

  it("fits a screen of 1280 × 800 and a tablet: nothing is cut off at the side", async () => {
    await withAggregator({}, async ({ aggregator, pipeline }) => {
      pipeline.all = [drone("drone-with-a-name-of-sixty-four-bytes-which-is-the-longest-there")];
      pipeline.alerts = [alert(1, { severity: "critical", droneIds: [pipeline.all[0]!.droneId] })];
      await using browser = await ConsoleBrowser.start();
      for (const [width, height] of [[1280, 800], [1024, 768], [768, 1024]] as const) {
        const { page } = await browser.open({ url: aggregator.url, width, height });
        await page.locator("#alerts li").first().waitFor();
        const overflow = "document.documentElement.scrollWidth - innerWidth";
        const aside = "document.querySelector('aside').scrollWidth - document.querySelector('aside').clientWidth";
        assertEquals([await page.evaluate(overflow), await page.evaluate(aside)], [0, 0], `${width} × ${height}`);
        await page.context().close();
      }
    });
  });
});
