import { assertEquals, assertGreater, assertLess, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { alert } from "../aggregator/fake_pipeline.ts";
import { type Rig, withAggregator } from "../aggregator/rig.ts";
import { until } from "../e2e/system.ts";
import { ConsoleBrowser, hasChromium } from "./browser.ts";
import { LASTING_LAST, stormOf } from "./storm.ts";

const PRESSES = 30;
/** Each of them may take some scrolling. */
const LOOKS_MAX = 90;
/** As long as a finger is down. */
const PRESS_MS = 80;
const WAITING = '#alerts li button[aria-label^="Acknowledge"]:not([aria-disabled])';

async function withPage(test: (parts: Rig & Awaited<ReturnType<ConsoleBrowser["open"]>>) => Promise<void>) {
  await withAggregator({}, async (rig) => {
    await using browser = await ConsoleBrowser.start();
    await test({ ...rig, ...await browser.open({ url: rig.aggregator.url }) });
  });
}

describe("the alerts of the page, 200 events a second about 500 drones", { ignore: !hasChromium }, () => {
  it("take every press of Acknowledge, each for the alert that is pressed", async () => {
    await withAggregator({}, async ({ aggregator, pipeline }) => {
      const storm = stormOf(pipeline);
      await using browser = await ConsoleBrowser.start();
      const { page, errors } = await browser.open({ url: aggregator.url });
      await page.locator(WAITING).nth(5).waitFor();
      const pressed: string[] = [];
      const before = storm.told;
      // The hand comes to the list, and goes from button to button; it scrolls where it finds none.
      await page.locator("#alerts").hover();
      for (let looks = 0; pressed.length < PRESSES; looks++) {
        assertLess(looks, LOOKS_MAX, `pressed ${pressed}, taken ${storm.acknowledged}`);
        // What can be seen of the buttons, and where: decided in one moment, as eyes do.
        const target = await page.evaluate(`(() => {
          const list = document.querySelector("#alerts").getBoundingClientRect();
          for (const button of document.querySelectorAll(${JSON.stringify(WAITING)})) {
            const { x, y, width, height } = button.getBoundingClientRect();
            if (y < list.top || y + height > Math.min(list.bottom, innerHeight)) continue;
            const id = /drone-\\d+/.exec(button.closest("li").textContent)[0];
            if (id > ${JSON.stringify(LASTING_LAST)}) continue;
            return { x: x + width / 2, y: y + height / 2, id };
          }
          return null;
        })()`) as { x: number; y: number; id: string } | null;
        if (target === null) {
          await page.mouse.wheel(0, 200);
          // Nobody presses while the list still moves by his own hand.
          await page.waitForTimeout(4 * PRESS_MS);
          continue;
        }
        await page.mouse.move(target.x, target.y);
        await page.mouse.down();
        await page.waitForTimeout(PRESS_MS);
        await page.mouse.up();
        pressed.push(target.id);
      }
      await page.waitForTimeout(PRESS_MS);
      assertGreater(storm.told - before, 200, "it was a storm");
      assertEquals(storm.acknowledged, pressed);
      assertEquals(errors, []);
    });
  });

  it("leave the keyboard's focus where it is", async () => {
    await withAggregator({}, async ({ aggregator, pipeline }) => {
      const storm = stormOf(pipeline);
      await using browser = await ConsoleBrowser.start();
      const { page } = await browser.open({ url: aggregator.url });
      const row = page.locator("#alerts li", { hasText: "drone-0004" });
      const button = await row.locator('button[aria-label^="Acknowledge"]').elementHandle();
      await button!.focus();
      const isFocused = () => page.evaluate((node) => node === node.ownerDocument.activeElement, button!);
      const before = storm.told;
      while (storm.told < before + 200) await page.waitForTimeout(PRESS_MS);
      assertEquals(await isFocused(), true, "after a second of events");
      await page.keyboard.press("Enter");
      await row.filter({ hasText: "✓ operator" }).waitFor();
      assertEquals([storm.acknowledged.length, await isFocused()], [1, true], "after the acknowledgement");
    });
  });
});

describe("an acknowledgement that fails", { ignore: !hasChromium }, () => {
  it("says so at the alert, with the reason, and can be tried again", async () => {
    await withPage(async ({ page, pipeline }) => {
      pipeline.alerts = [alert(1)];
      let isOpen = false;
      const acknowledge = pipeline.acknowledgeAlert.bind(pipeline);
      pipeline.acknowledgeAlert = (seen) => isOpen ? acknowledge(seen) : { found: false, outputs: [] };
      await page.reload();
      await page.locator(WAITING).click();
      const failure = page.locator("#alerts [role=alert]");
      await failure.filter({ hasText: "Not acknowledged" }).waitFor();
      assertStringIncludes(await failure.innerText(), "Cannot acknowledge alert 1: no such alert is open");
      isOpen = true;
      await page.getByText("Try again").click();
      await page.getByText("✓ operator").waitFor();
      assertEquals(await failure.innerText(), "");
    });
  });

  it("says that nobody answers", async () => {
    await withPage(async ({ page, pipeline }) => {
      pipeline.alerts = [alert(1)];
      await page.reload();
      await page.route("**/acknowledge", (route) => route.abort());
      await page.locator(WAITING).click();
      await page.getByText("Not acknowledged: the aggregator cannot be reached").first().waitFor();
    });
  });
});

describe("the list of alerts", { ignore: !hasChromium }, () => {
  it("has the severest first, and keeps what is resolved in a list of its own", async () => {
    await withPage(async ({ page, pipeline, aggregator }) => {
      const nowUs = Date.now() * 1000;
      pipeline.alerts = [
        alert(1, { raisedTimeUs: nowUs - 30e6, severity: "critical", droneIds: ["old-critical"] }),
        alert(2, { raisedTimeUs: nowUs - 20e6, droneIds: ["old-warning"] }),
        alert(3, { raisedTimeUs: nowUs - 10e6, droneIds: ["new-warning"] }),
      ];
      await page.reload();
      const names = async () => (await page.locator("#alerts li .link").allInnerTexts()).join(" ");
      await page.locator("#alerts li").nth(2).waitFor();
      assertEquals(await names(), "old-critical new-warning old-warning");
      const [ended] = pipeline.alerts.splice(0, 1);
      const resolve = { ...ended!, transition: "resolve" as const, revision: 2, changedTimeUs: nowUs };
      pipeline.tick = () => {
        Reflect.deleteProperty(pipeline, "tick");
        return [{ type: "alert", alert: resolve }];
      };
      await page.getByText("Resolved in the last hour: 1").click();
      await page.locator("#resolved li", { hasText: "old-critical" }).waitFor();
      assertEquals(await names(), "new-warning old-warning");
      // It is there for whoever opens the page once it is written down.
      const all = async () => await (await fetch(`${aggregator.url}/v1/alerts?state=all`)).text();
      await until("the history has it", async () => (await all()).includes("old-critical"));
      await page.reload();
      await page.getByText("Resolved in the last hour: 1").waitFor();
    });
  });

  it("shows a kind that the page has never heard of", async () => {
    await withPage(async ({ page, pipeline }) => {
      const unknown = { ...alert(1, { message: "edge-2 is lost" }), kind: "edge-lost-for-good" };
      Object.assign(pipeline, { alerts: [unknown] });
      await page.reload();
      await page.getByText("Edge lost for good").waitFor();
    });
  });
});
