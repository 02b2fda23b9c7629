import { assertEquals, assertLess, assertMatch, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { DeliveryReport } from "../../aggregator/warnings/delivery_report.ts";
import { pseudonyms } from "../../platform/pseudonyms.ts";
import { VERSION } from "../../platform/version.ts";
import { HeadOnPair } from "../e2e/head_on_pair.ts";
import { System, until } from "../e2e/system.ts";
import { type CollectedSpan, Collector } from "./collector.ts";

const KEY = "a key that this test has written down, and nobody else";
/** A span's time is told in ms with fractions, of which some µs are lost. */
const ROUNDING_US = 5;
/** By so much the clocks of two processes of one machine may differ: each goes by whole ms of the host's. */
const APART_US = 5000;

/** Each span by its name, with the name of what it is part of and who told it. */
function shapeOf(spans: CollectedSpan[]): string[] {
  const nameOf = (id: string) => spans.find(({ spanId }) => spanId === id)?.name ?? id;
  return spans.map(({ name, parentSpanId, scope, service }) => {
    assertEquals(scope, `slipstream.${service}`);
    return `${nameOf(parentSpanId)} > ${name} (${service})`;
  }).sort();
}

/** Two drones fly at each other until both were warned and that was acknowledged; a batch in `oneIn` is traced in any case. */
async function conflict(oneIn: string, look: (collector: Collector, deliveries: DeliveryReport[]) => Promise<void>) {
  await using collector = new Collector();
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, KEY);
  const named = { SLIPSTREAM_PSEUDONYM_KEY: path };
  const where = { SLIPSTREAM_TRACE_ONE_IN: oneIn, SLIPSTREAM_REGION: "north", SLIPSTREAM_EDGE_ID: "tower" };
  await using system = await System.start({
    aggregatorEnv: { ...collector.env("aggregator"), ...named },
    edgeEnv: { ...collector.env("edge"), ...named, ...where },
  });
  const pair = new HeadOnPair({ url: system.telemetryUrl, name: "head-on", lonE7: 110_000_000 });
  try {
    await until("both are warned", () => Promise.resolve(pair.warned !== null), 30_000);
    const deliveries = async (): Promise<DeliveryReport[]> =>
      (await (await fetch(`${system.aggregator.url}/v1/deliveries`)).json()).deliveries;
    const isRaise = ({ transition, outcome }: DeliveryReport) => transition === "raise" && outcome === "acknowledged";
    await until("both warnings are acknowledged", async () => (await deliveries()).filter(isRaise).length === 2);
    await look(collector, (await deliveries()).filter(isRaise));
  } finally {
    await pair.close();
    await Deno.remove(path);
  }
}

const isRaised = ({ name, attributes }: CollectedSpan) =>
  name === "alert" && attributes.kind === "conflict" && attributes.transition === "raise";

/** The spans of an alert that two drones acknowledged, by what they are part of. */
const BELOW_ALERT = [
  "alert > warning (aggregator)",
  "alert > warning (aggregator)",
  "delivery > acknowledgement (aggregator)",
  "delivery > acknowledgement (aggregator)",
  "telemetry > alert (aggregator)",
  "telemetry > journal (aggregator)",
  "telemetry > lane (edge)",
  "telemetry > pipeline (aggregator)",
  "telemetry > uplink (edge)",
  "telemetry > window (aggregator)",
  "warning > delivery (edge)",
  "warning > delivery (edge)",
];

describe("the trace of an alert", () => {
  it("has every hop of it, by edge and aggregator, at the times that its delivery tells", () =>
    conflict("1000000", async (collector, deliveries) => {
      const alert = await collector.find("the alert is told", isRaised);
      const wanted = [" > telemetry (aggregator)", ...BELOW_ALERT];
      const spans = () => collector.of(alert.traceId);
      await until("all of its trace is told", () => Promise.resolve(spans().length >= wanted.length), 30_000);
      assertEquals(shapeOf(spans()), wanted);
      const of = (name: string) => spans().find((span) => span.name === name)!;
      const near = (a: number, b: number | null, what: string) => assertLess(Math.abs(a - b!), ROUNDING_US, what);
      const [{ times, droneId }] = deliveries as [DeliveryReport];
      const nameOf = pseudonyms(KEY, "drone");
      near(of("telemetry").startUs, times.edgeInUs, "first of the batch");
      near(of("lane").startUs, times.edgeInUs, "first of the batch");
      near(of("lane").endUs, times.edgeOutUs, "sealed");
      near(of("uplink").startUs, times.edgeOutUs, "sealed");
      near(Number(of("alert").attributes["measured.us"]), times.eventUs, "measured");
      // The ingestion time is taken within the pipeline, and a warning leaves right after the alert.
      assertLess(of("alert").startUs - ROUNDING_US, times.aggregatorInUs!);
      assertLess(times.aggregatorInUs! - ROUNDING_US, of("alert").endUs);
      for (const delivery of deliveries) {
        const drone = nameOf(delivery.droneId);
        const warning = spans().find(({ name, attributes }) => name === "warning" && attributes.drone === drone)!;
        const delivered = spans().find(({ parentSpanId }) => parentSpanId === warning.spanId)!;
        assertLess(of("alert").endUs - ROUNDING_US, warning.startUs);
        assertLess(delivery.times.raisedUs - ROUNDING_US, warning.startUs);
        near(delivered.startUs, delivery.times.edgeBackUs, "handed to the socket");
        near(delivered.endUs, delivery.times.edgeAcknowledgedUs, "acknowledged");
        // The drone says itself when it received the warning, in whole ms.
        assertLess(delivered.startUs, delivery.times.droneReceivedUs! + APART_US);
        assertLess(delivery.times.droneReceivedUs! - APART_US, delivered.endUs);
        const acknowledgement = spans().find(({ parentSpanId }) => parentSpanId === delivered.spanId)!;
        near(acknowledgement.endUs, warning.endUs, "heard of");
        assertEquals([warning.attributes.outcome, delivered.attributes.drone], ["acknowledged", drone]);
      }
      const { edge, region, sampled, version } = of("telemetry").attributes;
      assertEquals([edge, region, sampled, version], ["tower", "north", false, VERSION]);
      assertEquals([of("lane").attributes.edge, of("lane").attributes.region], ["tower", "north"]);
      assertMatch(String(of("alert").attributes.cause), /^drone:[0-9a-f]{10}$/);
      const told = JSON.stringify(collector.spans);
      assertEquals(told.includes(droneId) || told.includes("head-on"), false, "no trace has a drone's id");
    }));

  it("begins with its edge where that follows the batch in any case", () =>
    conflict("1", async (collector) => {
      const alert = await collector.find("the alert is told", isRaised);
      const wanted = [" > telemetry (edge)", ...BELOW_ALERT];
      const spans = () => collector.of(alert.traceId);
      await until("all of its trace is told", () => Promise.resolve(spans().length >= wanted.length), 30_000);
      assertEquals(shapeOf(spans()), wanted);
      const others = collector.ours.filter(({ name, traceId }) => name === "telemetry" && traceId !== alert.traceId);
      assertNotEquals(others.length, 0);
    }));
});
