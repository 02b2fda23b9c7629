import axe from "axe-core";
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { withAggregator } from "../aggregator/rig.ts";
import { ConsoleBrowser, hasChromium } from "./browser.ts";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const RECORDS = 101;

async function change(url: string, body: unknown): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/v1/settings`, { method: "PATCH", headers, body: JSON.stringify(body) });
  assertEquals(answer.status, 200, await answer.text());
}

describe("the page of the audit", { ignore: !hasChromium }, () => {
  it("shows who did what, the latest first, by keyboard, and one that comes while it is open", async () => {
    await withAggregator({}, async ({ aggregator }) => {
      await change(aggregator.url, { by: "<b>Ada</b>", set: { linkLossUs: 4_000_000 } });
      await using browser = await ConsoleBrowser.start();
      const { page, errors } = await browser.open({ url: aggregator.url });
      await page.getByRole("link", { name: "Audit" }).focus();
      await page.keyboard.press("Enter");
      const first = page.locator("#audit-records tr").first();
      await first.filter({ hasText: "linkLossUs" }).waitFor();
      const cells = await first.locator("td").allInnerTexts();
      assertMatch(cells[0]!, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
      assertEquals(cells.slice(1), ["<b>Ada</b>", "change setting", "linkLossUs", "3000000", "4000000", "2"]);
      await page.locator("#audit-records tr", { hasText: "SLIPSTREAM_CHECKPOINT_S=30" }).waitFor();
      await change(aggregator.url, { by: "Bea", set: { linkLossUs: 5_000_000 } });
      await first.filter({ hasText: "Bea" }).waitFor();
      assertEquals(await page.locator("#audit-records tr").count(), 3);
      assertEquals(errors, []);
    });
  });

  it("shows older ones when they are asked for", async () => {
    await withAggregator({}, async ({ aggregator }) => {
      // Four records each: nobody may make a hundred changes in a moment.
      for (let i = 1; i <= (RECORDS - 1) / 4; i++) {
        const us = 20_000_000 + i;
        const set = { linkLossUs: us, clockGoodUs: us, positionGoodUs: us, clashGoodUs: us };
        await change(aggregator.url, { by: "Ada", set });
      }
      await using browser = await ConsoleBrowser.start();
      const { page } = await browser.open({ url: `${aggregator.url}/audit` });
      const rows = page.locator("#audit-records tr");
      await rows.nth(99).waitFor();
      assertEquals(await rows.count(), 100);
      await page.locator("#audit-older").press("Enter");
      await rows.nth(100).waitFor();
      await page.locator("#audit-older").waitFor({ state: "hidden" });
      const numbers = await page.locator("#audit-records .number").allInnerTexts();
      assertEquals(numbers, Array.from({ length: RECORDS }, (_, i) => `${RECORDS - i}`));
    });
  });

  for (const colorScheme of ["light", "dark"] as const) {
    it(`has nothing that axe finds against WCAG A and AA, ${colorScheme}, and fits a tablet`, async () => {
      await withAggregator({}, async ({ aggregator }) => {
        await change(aggregator.url, {
          by: "x".repeat(64),
          set: { "airspace.crewedCritical.lookAheadS": 12.345678901 },
        });
        await using browser = await ConsoleBrowser.start();
        const { page } = await browser.open({ url: `${aggregator.url}/audit`, colorScheme, width: 768, height: 1024 });
        await page.locator("#audit-records tr", { hasText: "lookAheadS" }).waitFor();
        await page.evaluate(axe.source);
        const found = await page.evaluate(
          `axe.run(document, { runOnly: { type: "tag", values: ${JSON.stringify(TAGS)} } })
          .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html)))`,
        );
        assertEquals(found, []);
        assertEquals(await page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0);
      });
    });
  }
});
