import axe from "axe-core";
import type { Page } from "playwright-core";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readAggregatorConfig } from "../../aggregator/config.ts";
import { alert, drone, type FakePipeline } from "../aggregator/fake_pipeline.ts";
import { platform, withAggregator } from "../aggregator/rig.ts";
import { Authority } from "../identity/authority.ts";
import { ConsoleBrowser, hasChromium } from "./browser.ts";

interface Parts {
  page: Page;
  pipeline: FakePipeline;
  authority: Authority;
  /** What the page threw, or the browser refused, but for answers with a status of 400 and more. */
  errors: string[];
  /** How much later the aggregator believes it is. */
  later: (ms: number) => void;
}

async function withGuarded(test: (parts: Parts) => Promise<void>): Promise<void> {
  await using authority = await Authority.create();
  const identity = authority.config({ ca: null });
  const config = { ...readAggregatorConfig({}), port: 0, sqlitePath: ":memory:", journalPath: ":memory:", identity };
  const { nowUs, ...rest } = platform();
  let laterUs = 0;
  await withAggregator({ config, platform: { ...rest, nowUs: () => nowUs() + laterUs } }, async (rig) => {
    const { aggregator, pipeline } = rig;
    const nowUs = Date.now() * 1000;
    pipeline.all = [drone("drone-1")];
    pipeline.alerts = [1, 2].map((id) => alert(id, { raisedTimeUs: nowUs - 5e6, changedTimeUs: nowUs - 1e6 }));
    await using browser = await ConsoleBrowser.start();
    const { page, errors } = await browser.visit({ url: aggregator.url });
    await test({ page, pipeline, authority, errors, later: (ms) => void (laterUs += ms * 1000) });
    assertEquals(errors.filter((error) => !error.includes("Failed to load resource")), []);
  });
}

const form = (page: Page) => page.getByRole("dialog", { name: "Sign in to Slipstream" });
const live = (page: Page) => page.getByText("live", { exact: true }).waitFor();

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel("Token").fill(token);
  await page.keyboard.press("Enter");
}

async function findings(page: Page): Promise<unknown> {
  await page.evaluate(axe.source);
  return await page.evaluate(
    `axe.run(document, { runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] } })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html)))`,
  );
}

describe("the page of an aggregator that lets in who has proven it", { ignore: !hasChromium }, () => {
  it("asks for a token by keyboard alone, says why it takes none, and nothing that axe finds", async () => {
    await withGuarded(async ({ page, authority }) => {
      await form(page).waitFor();
      assertEquals(await findings(page), [], "the form");
      const field = page.getByLabel("Token");
      assertEquals(await field.evaluate((node) => node === node.ownerDocument.activeElement), true, "it has the focus");
      assertEquals([await field.getAttribute("type"), await field.getAttribute("autocomplete")], ["password", "off"]);
      for (const [token, why] of [["", "Paste a token first"], ["nonsense", "Cannot believe the token"]] as const) {
        await signIn(page, token);
        await page.getByRole("alert").filter({ hasText: why }).waitFor();
        assertEquals([await field.getAttribute("aria-invalid"), await field.inputValue()], ["true", ""]);
      }
      assertEquals(await findings(page), [], "with an error");
      for (let presses = 0; presses < 3; presses++) await page.keyboard.press("Escape");
      await form(page).waitFor();
      await signIn(page, await authority.token("drone", "d-1"));
      await page.getByRole("alert").filter({ hasText: "it may not view" }).waitFor();
    });
  });

  it("shows an operator the fleet, acknowledges in the name that is proven, and forgets who signed out", async () => {
    await withGuarded(async ({ page, authority, pipeline }) => {
      const token = await authority.token("person", "ann", { role: "operator" });
      await signIn(page, token);
      await live(page);
      assertEquals(await page.locator("#who").innerText().then((text) => text.split(/\s+/).slice(0, 2)), [
        "ann",
        "operator",
      ]);
      assertEquals([await form(page).count(), await page.locator("#operator").isVisible()], [0, false]);
      await page.locator("#drone-ids option").first().waitFor({ state: "attached" });
      await page.locator("#alerts .acknowledge").first().click();
      await page.getByText("✓ ann").waitFor();
      assertEquals(pipeline.alerts.map(({ acknowledgedBy }) => acknowledgedBy).filter(Boolean), ["ann"]);
      assertEquals(await findings(page), []);
      assertEquals(await page.evaluate("document.cookie"), "", "no script can read it");
      const [cookie] = await page.context().cookies();
      assertEquals([cookie!.value, cookie!.httpOnly, cookie!.sameSite], [token, true, "Strict"]);
      await page.getByRole("button", { name: "Sign out" }).click();
      await form(page).getByText("You have signed out.").waitFor();
      assertEquals(await page.context().cookies(), []);
      await page.reload();
      await form(page).getByText("Sign in to see the fleet.").waitFor();
    });
  });

  it("lets a viewer acknowledge nothing, and says why", async () => {
    await withGuarded(async ({ page, authority }) => {
      await signIn(page, await authority.token("person", "eve", { role: "viewer" }));
      await live(page);
      const button = page.getByRole("button", { name: /^For operators acknowledge / }).first();
      assertEquals(await button.getAttribute("aria-disabled"), "true");
      assertStringIncludes(await button.getAttribute("title") ?? "", "A viewer may not acknowledge");
      assertEquals(await findings(page), []);
    });
  });

  it("asks again when the proof has ended, and goes on where it was", async () => {
    await withGuarded(async ({ page, authority, later }) => {
      await signIn(page, await authority.token("person", "eve", { role: "viewer", minutes: 30 }));
      await live(page);
      await page.locator("#drone-id").fill("drone-1");
      await page.locator("#drone-id").press("Enter");
      await page.locator("#drone-box").waitFor();
      const beforeMs = performance.now();
      later(31 * 60_000);
      await form(page).getByText("Your session has ended").waitFor();
      assertEquals(performance.now() - beforeMs < 4000, true, "moments later");
      await signIn(page, await authority.token("person", "ann", { role: "operator", minutes: 60 }));
      await live(page);
      assertEquals(await page.locator("#drone-id").inputValue(), "drone-1");
      await page.getByRole("button", { name: /^Acknowledge / }).first().waitFor();
    });
  });
});

describe("the page of an aggregator that asks nobody for a proof", { ignore: !hasChromium }, () => {
  it("says so, quietly, and has nobody sign in or out", async () => {
    await withAggregator({}, async ({ aggregator }) => {
      await using browser = await ConsoleBrowser.start();
      const { page, errors } = await browser.open({ url: aggregator.url });
      await page.locator('.banner[data-severity="note"]').getByText("listens on loopback only").waitFor();
      assertEquals([await form(page).count(), await page.locator("#who").isVisible()], [0, false]);
      assertEquals(await page.locator("#operator").isVisible(), true);
      assertEquals(await findings(page), []);
      assertEquals(errors, []);
    });
  });
});
