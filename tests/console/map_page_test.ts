import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Page } from "playwright-core";
import { placeAt, project } from "../../aggregator/console/camera.js";
import { aircraft, alert, drone, type FakePipeline } from "../aggregator/fake_pipeline.ts";
import { withAggregator } from "../aggregator/rig.ts";
import { until } from "../e2e/system.ts";
import { ConsoleBrowser, hasChromium, viewOf, viewWhere } from "./browser.ts";

const HOME = { latDeg: 47.4, lonDeg: 8.5 };
/** Two that are 80 m apart and fly at each other, in a fleet 20 km across. */
const PLACES: Record<string, [east: number, north: number, veMps: number]> = {
  "west": [-40, 0, 5],
  "east": [40, 0, -5],
  "far-1": [-10_000, 0, 0],
  "far-2": [10_000, 3000, 0],
  "far-3": [0, -8000, 0],
};

function fleet() {
  return Object.entries(PLACES).map(([id, [east, north, veMps]]) => {
    const [latDeg, lonDeg] = placeAt(HOME, { east, north }) as [number, number];
    const base = drone(id);
    return { ...base, position: { ...base.position!, latDeg, lonDeg, veMps, vnMps: 0 } };
  });
}

async function withMap(
  test: (page: Page, pipeline: FakePipeline) => Promise<void>,
  { hasTouch = false } = {},
): Promise<void> {
  await withAggregator({}, async ({ aggregator, pipeline }) => {
    pipeline.all = fleet();
    pipeline.silent.set("far-3", 300);
    const nowUs = Date.now() * 1000;
    const times = { raisedTimeUs: nowUs, changedTimeUs: nowUs };
    const conflict = {
      timeToClosestMs: 8000,
      closestHorizontalCm: 0,
      closestVerticalCm: 0,
      horizontalCm: 8000,
      verticalCm: 0,
      timeToEntryMs: 3000,
      assumed: ["east without accuracy: that of a common receiver"],
      partners: [],
    };
    const pair = { kind: "conflict" as const, droneIds: ["east", "west"], detail: "", conflict };
    pipeline.alerts = [alert(1, { ...pair, severity: "critical", message: "east and west are 80 m apart", ...times })];
    await using browser = await ConsoleBrowser.start();
    const { page, errors } = await browser.open({ url: aggregator.url, hasTouch });
    await until("the map shows the fleet", async () => (await viewOf(page)).pxPerM > 0);
    await test(page, pipeline);
    assertEquals(errors, []);
  });
}

describe("the map", { ignore: !hasChromium }, () => {
  it("flies to the pair of an alert that is clicked, and shows both apart, so that each can be chosen", async () => {
    await withMap(async (page) => {
      const all = await viewOf(page);
      assertLess(80 * all.pxPerM, 10, "they are one star in the picture of all");
      await page.locator("#alerts li .message").first().click();
      const view = await viewWhere(page, ({ following, pxPerM }) => following === "pair" && pxPerM > 4);
      const box = (await page.locator("#map").boundingBox())!;
      const at = (id: string) => {
        const [east, north] = PLACES[id]!;
        return project(view, ...(placeAt(HOME, { east, north }) as [number, number])) as [number, number];
      };
      const [west, east] = [at("west"), at("east")];
      assertGreater(east[0] - west[0], 300);
      for (const [id, [x, y]] of [["west", west], ["east", east]] as const) {
        assert(x > 20 && y > 20 && x < view.width - 20 && y < view.height - 20, `${id} at ${x}, ${y}`);
        await page.mouse.click(box.x + x, box.y + y);
        assertEquals(await page.locator("#drone-id").inputValue(), id);
      }
      await page.locator("#map-all").click();
      const back = await viewWhere(page, ({ following, pxPerM }) => following === "all" && pxPerM < 0.1);
      assertAlmostEquals(back.pxPerM, all.pxPerM, all.pxPerM / 10);
    });
  });

  it("shows aircraft that are nobody's here, for as long as there are any", async () => {
    await withMap(async (page, pipeline) => {
      const shown = () => page.locator("#map").getAttribute("data-aircraft");
      pipeline.aircraft = [aircraft("adsb:4ca123"), {
        ...aircraft("rid:0a"),
        name: "",
        trackDeg: null,
        speedMps: null,
      }];
      await until("both are shown", async () => await shown() === "2");
      pipeline.aircraft = [];
      await until("none is shown", async () => await shown() === "0");
    });
  });

  it("zooms around the pointer with the wheel, pans with the hand, and holds still then", async () => {
    await withMap(async (page) => {
      const box = (await page.locator("#map").boundingBox())!;
      const [x, y] = [box.width / 4, box.height / 4];
      const before = await viewOf(page);
      await page.mouse.move(box.x + x, box.y + y);
      await page.mouse.wheel(0, -240);
      const nearer = await viewWhere(page, ({ pxPerM }) => pxPerM > before.pxPerM * 1.4);
      assertEquals(nearer.following, "held");
      assertGreater(before.lonDeg - nearer.lonDeg, 0, "what is under the pointer stays there");
      await page.mouse.down();
      await page.mouse.move(box.x + x + 100, box.y + y, { steps: 5 });
      await page.mouse.up();
      const moved = await viewWhere(page, ({ lonDeg }) => lonDeg !== nearer.lonDeg);
      const [centreX] = project({ ...moved }, nearer.latDeg, nearer.lonDeg) as [number, number];
      assertAlmostEquals(centreX, box.width / 2 + 100, 2);
      assertEquals(await page.locator("#drone-id").inputValue(), "", "who drags chooses nobody");
    });
  });

  it("is worked with keys: it pans, zooms, shows all, and reaches every drone", async () => {
    await withMap(async (page) => {
      const map = page.locator("#map");
      await map.focus();
      const before = await viewOf(page);
      await page.keyboard.press("+");
      const nearer = await viewWhere(page, ({ pxPerM }) => pxPerM > before.pxPerM);
      await page.keyboard.press("ArrowRight");
      const moved = await viewWhere(page, ({ lonDeg }) => lonDeg !== nearer.lonDeg);
      assertGreater(moved.lonDeg, nearer.lonDeg);
      await page.keyboard.press("0");
      await viewWhere(
        page,
        ({ following, pxPerM }) => following === "all" && Math.abs(pxPerM / before.pxPerM - 1) < 0.1,
      );
      const chosen: string[] = [];
      for (let i = 0; i < 5; i++) {
        await page.keyboard.press("n");
        chosen.push(await page.locator("#drone-id").inputValue());
      }
      assertEquals(chosen, ["east", "far-1", "far-2", "far-3", "west"]);
      await page.locator("#map-said", { hasText: "Chosen: west" }).waitFor({ state: "attached" });
      await page.keyboard.press("p");
      assertEquals(await page.locator("#drone-id").inputValue(), "far-3");
      await page.keyboard.press("Escape");
      assertEquals(await page.locator("#drone-id").inputValue(), "");
      assertEquals(await page.evaluate("document.activeElement.id"), "map");
    });
  });

  it("zooms with two fingers", async () => {
    await withMap(async (page) => {
      const box = (await page.locator("#map").boundingBox())!;
      const before = await viewOf(page);
      const touch = await page.context().newCDPSession(page);
      const fingers = (apart: number) =>
        [-1, 1].map((side, id) => ({ x: box.x + 300 + side * apart, y: box.y + 200, id }));
      await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: fingers(40) });
      for (const apart of [60, 80, 100, 120]) {
        await touch.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: fingers(apart) });
      }
      await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
      const after = await viewWhere(page, ({ pxPerM }) => pxPerM > before.pxPerM * 2.5);
      assertLess(after.pxPerM, before.pxPerM * 3.5);
    }, { hasTouch: true });
  });
});
