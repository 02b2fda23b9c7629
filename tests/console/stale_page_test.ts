import { create, toBinary } from "@bufbuild/protobuf";
import { assert, assertEquals, assertLess } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readAggregatorConfig } from "../../aggregator/config.ts";
import { TelemetryFrameSchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { drone } from "../aggregator/fake_pipeline.ts";
import { withAggregator } from "../aggregator/rig.ts";
import { System, until } from "../e2e/system.ts";
import { ConsoleBrowser, hasChromium } from "./browser.ts";

const STALE_MS_MAX = 4000;

/** One position of a drone in the air, and then never again. */
async function tellOnce(telemetryUrl: string, droneId: string): Promise<void> {
  const socket = new WebSocket(telemetryUrl, "slipstream.v1");
  await new Promise((resolve) => socket.onopen = resolve);
  const position = { latE7: 473_977_420, lonE7: 85_455_940, altMslMm: 488_000, veCms: 500, fixType: 3 };
  const record = { seq: 1, eventTimeUs: BigInt(Date.now()) * 1000n, flags: 3 };
  const frame = { droneId, bootId: 1, records: [{ ...record, body: { case: "position" as const, value: position } }] };
  const acknowledged = new Promise<void>((resolve) => {
    let answers = 0;
    // Hello, and then the acknowledgement.
    socket.onmessage = () => void (++answers === 2 && resolve());
  });
  socket.send(toBinary(TelemetryFrameSchema, create(TelemetryFrameSchema, frame)));
  await acknowledged;
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
}

describe("the page of an aggregator that stands still", { ignore: !hasChromium }, () => {
  it("says since when it hears nothing, dims the map and counts ages on; then it is live again", async () => {
    await using system = await System.start();
    await tellOnce(system.telemetryUrl, "drone-1");
    await using browser = await ConsoleBrowser.start();
    const { page, errors } = await browser.open({ url: system.aggregator.url });
    await page.locator("#drone-id").fill("drone-1");
    await page.locator("#drone-id").press("Enter");
    const heard = page.locator("#drone-heard");
    await heard.filter({ hasText: /^\d+ s ago$/ }).waitFor();
    const age = async () => Number.parseInt(await heard.innerText(), 10);
    const opacity = () => page.evaluate("Number(getComputedStyle(document.querySelector('#map')).opacity)");
    assertEquals(await opacity(), 1);

    Deno.kill(system.aggregator.pid, "SIGSTOP");
    const stoppedMs = performance.now();
    const [before, ageBefore] = [new Date(), await age()];
    const banner = page.locator(".banner", { hasText: /Stale since \d\d:\d\d:\d\d UTC/ });
    await banner.waitFor();
    assertLess(performance.now() - stoppedMs, STALE_MS_MAX);
    const [, since] = /since (\S+) UTC/.exec(await banner.innerText())!;
    const sinceMs = Date.parse(`${before.toISOString().slice(0, 10)}T${since}Z`);
    assertLess(Math.abs(sinceMs - before.getTime()), 2500, `${since}, stopped at ${before.toISOString()}`);
    assertLess(Number(await opacity()), 0.6, "the map is dimmed");
    await page.locator("#connection", { hasText: "stale" }).waitFor();
    await until("ages are counted on", async () => await age() >= ageBefore + 4);
    const lag = await page.locator("#watermark").innerText();
    await until("the lag grows", async () => await page.locator("#watermark").innerText() !== lag);
    assert((await banner.boundingBox())!.width >= 1280, "across the page");

    Deno.kill(system.aggregator.pid, "SIGCONT");
    await page.getByText("live", { exact: true }).waitFor();
    assertEquals([await banner.count(), await opacity()], [0, 1]);
    assertEquals(errors.filter((error) => !error.includes("Failed to load resource")), []);
  });
});

describe("the page after a restart with an empty journal", { ignore: !hasChromium }, () => {
  it("shows none of the drones and alerts of before", async () => {
    await using browser = await ConsoleBrowser.start();
    let opened: Awaited<ReturnType<ConsoleBrowser["open"]>> | undefined;
    let port = 0;
    const settings = { ...readAggregatorConfig({}), sqlitePath: ":memory:", journalPath: ":memory:" };
    const offered = () => opened!.page.locator("#drone-ids option").count();
    await withAggregator({}, async ({ aggregator, pipeline }) => {
      port = Number(new URL(aggregator.url).port);
      pipeline.all = Array.from({ length: 50 }, (_, i) => drone(`drone-${i}`));
      opened = await browser.open({ url: aggregator.url });
      await until("the page has 50 drones", async () => await offered() === 50);
    });
    await opened!.page.getByText("The connection to the aggregator is lost").waitFor();
    await withAggregator({ config: { ...settings, port } }, async ({ pipeline }) => {
      // One of the new world comes at once: it is not thrown away with the old ones.
      pipeline.all = [drone("new-drone")];
      await opened!.page.getByText("live", { exact: true }).waitFor();
      await until("the drones of before are gone", async () => await offered() === 1);
      assertEquals(await opened!.page.locator("#drones").innerText(), "1");
    });
  });
});
