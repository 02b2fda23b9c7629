import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Page } from "playwright-core";
import { alert, FakePipeline } from "../aggregator/fake_pipeline.ts";
import { until } from "../e2e/system.ts";
import { ConsoleBrowser, hasChromium } from "./browser.ts";
import { ScriptedServer } from "./scripted_server.ts";

const TICK_MS = 200;

/** A page that is told this report five times a second. */
async function withReport(report: object, test: (parts: { page: Page; server: ScriptedServer }) => Promise<void>) {
  await using server = new ScriptedServer();
  const journal = { state: "durable", journalId: "journal-1" };
  const edges = [{
    edgeId: "edge-1",
    region: "local",
    connections: 1,
    lastMessageTimeUs: 0,
    status: null,
    lostRecords: 0,
  }];
  const base = { ...new FakePipeline().fleet(), drones: 5, watermarkLagMs: 111, lostRecords: 0, journal, edges };
  const tell = () => server.tell("fleet", { ...base, ...report, timeUs: Date.now() * 1000 });
  const timer = setInterval(tell, TICK_MS);
  try {
    await using browser = await ConsoleBrowser.start();
    const { page } = await browser.open({ url: server.url });
    await test({ page, server });
  } finally {
    clearInterval(timer);
  }
}

describe("the page of a system in trouble", { ignore: !hasChromium }, () => {
  it("is red, not green, when the fleet's numbers are 106 s behind", async () => {
    await withReport({ watermarkLagMs: 106_000 }, async ({ page }) => {
      await page.locator(".banner[data-severity=critical]", { hasText: "1 min 46 s behind" }).waitFor();
      await page.locator("#watermark[data-level=bad]").waitFor();
    });
  });

  it("says that the machine is too slow", async () => {
    await withReport({ tooSlow: { what: "aggregator", lagMs: 4000 } }, async ({ page }) => {
      const banner = page.locator(".banner", { hasText: "This machine is too slow for the fleet" });
      await banner.filter({ hasText: "aggregator: 4.0 s behind" }).waitFor();
    });
  });

  it("asks for the alerts each second while the journal holds their events back", async () => {
    await withReport({ journal: { state: "failing", journalId: "journal-1" } }, async ({ page, server }) => {
      await page.locator(".banner", { hasText: "The journal cannot be written" }).waitFor();
      server.alerts = [alert(1, { droneIds: ["in-danger"] })];
      await page.locator("#alerts li", { hasText: "in-danger" }).waitFor();
      // It ends without an event as well.
      server.alerts = [];
      await page.getByText("No alert is open.").waitFor();
      const before = server.asked;
      await until("it goes on asking", () => Promise.resolve(server.asked > before + 1));
    });
  });

  it("does not ask for what events tell", async () => {
    await withReport({}, async ({ page, server }) => {
      await page.locator("#drones", { hasText: "5" }).waitFor();
      const before = server.asked;
      await page.waitForTimeout(10 * TICK_MS);
      assertEquals(server.asked, before);
      assertGreater(before, 0);
    });
  });

  it("names the edge that has it hard, and how hard", async () => {
    const edge = { edgeId: "edge-7", region: "north", connections: 1, lastMessageTimeUs: 0, lostRecords: 12 };
    const edges = [{ ...edge, refusedRecords: 40, status: { level: 3, connections: 80, backlogMs: 4000 } }];
    await withReport({ edges }, async ({ page }) => {
      const row = page.locator("#edge-list li[data-level=bad]", { hasText: "edge-7" });
      await row.filter({ hasText: "level 3 of 4: safety lane only" }).waitFor();
      await row.filter({ hasText: "12 lost · 40 refused, sent again" }).waitFor();
    });
  });
});
