import { zstdCompressSync } from "node:zlib";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CREDIT_MAX } from "../../aggregator/intake/credit.ts";
import { Codec, Lane } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { RefusalReason } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { BatchVerdict } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { until } from "../e2e/system.ts";
import { alert } from "./fake_pipeline.ts";
import { batchInit, platform, withAggregator } from "./rig.ts";

const raw = Uint8Array.from({ length: 500 }, (_, i) => (i * i) % 251);

function zstd(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(zstdCompressSync(bytes, { chunkSize: bytes.length + 1024 }));
}

describe("the uplink", () => {
  it("answers hello with time, credit and whether the session is known, then all open alerts", async () => {
    await withAggregator({}, async ({ pipeline, connect }) => {
      pipeline.knownSession = 6n;
      pipeline.alerts = [alert(1, { droneIds: ["drone-9"] })];
      for (const session of [5n, 6n]) {
        const [hello, open] = (await connect().greet(session, `edge-${session}`)).messages.map(({ body }) => body);
        assert(hello?.case === "hello" && open?.case === "openAlerts");
        const { sessionKnown, safetyCredit, bulkCredit, serverTimeUs } = hello.value;
        assertEquals([sessionKnown, safetyCredit, bulkCredit], [session === 6n, CREDIT_MAX.safety, CREDIT_MAX.bulk]);
        assert(Math.abs(Number(serverTimeUs) / 1000 - Date.now()) < 10_000);
        assertEquals([open.value.complete, open.value.openedDroneIds], [true, ["drone-9"]]);
      }
    });
  });

  it("accepts batches of both codecs, and accepts a duplicate again", async () => {
    await withAggregator({}, async ({ pipeline, decoded, connect, aggregator }) => {
      const edge = await connect().greet();
      assertEquals(await edge.hand(batchInit(raw)), BatchVerdict.ACCEPTED);
      assertEquals(await edge.hand(batchInit(raw, { codec: Codec.ZSTD, body: zstd(raw) })), BatchVerdict.ACCEPTED);
      pipeline.answer = () => ({ verdict: "duplicate", outputs: [] });
      assertEquals(await edge.hand(batchInit(raw)), BatchVerdict.ACCEPTED);
      pipeline.answer = () => ({ verdict: "unknown-slot", outputs: [] });
      assertEquals(await edge.hand(batchInit(raw)), BatchVerdict.UNKNOWN_SLOT);
      assertEquals(decoded, [500, 500, 500, 500]);
      assertEquals(pipeline.entries.map(({ edgeId, session }) => [edgeId, session])[0], ["edge-1", 5n]);
      const times = pipeline.entries.map(({ ingestionTimeUs }) => ingestionTimeUs);
      assertEquals(times, times.toSorted((a, b) => a - b));
      const { edges } = await (await fetch(`${aggregator.url}/v1/fleet`)).json();
      assertEquals(edges[0].batches, { accepted: 2, duplicate: 1, "unknown-slot": 1, malformed: 0, taken: 0 });
    });
  });

  it("steps a batch at once, and acknowledges it once it is journalled", async () => {
    const journalled = Promise.withResolvers<number>();
    let appends = 0;
    const append = () => ++appends === 1 ? journalled.promise : Promise.resolve(appends);
    await withAggregator({ journal: { append, failing: false } }, async ({ pipeline, connect }) => {
      const edge = await connect().greet();
      const verdict = edge.hand(batchInit(raw));
      await until("it is in the pipeline", () => Promise.resolve(pipeline.entries.length > 0));
      assertEquals(edge.messages.filter(({ body }) => body.case === "ack"), []);
      journalled.resolve(1);
      assertEquals(await verdict, BatchVerdict.ACCEPTED);
    });
  });

  it("does not acknowledge what the journal refused, and closes with 1011", async () => {
    const journal = { append: () => Promise.reject(new Error("disk full")), failing: false };
    await withAggregator({ journal }, async ({ connect, logs }) => {
      const edge = await connect().greet();
      edge.send({ case: "batch", value: batchInit(raw) });
      assertEquals((await edge.closed).code, 1011);
      assertEquals(edge.messages.length, 3);
      assertStringIncludes(logs.join(), "disk full");
    });
  });

  it("answers malformed batches so, and goes on", async () => {
    await withAggregator({}, async ({ pipeline, decoded, connect }) => {
      const edge = await connect().greet();
      const body = zstd(raw);
      const bomb = zstd(new Uint8Array(32 << 20));
      const cases = {
        "truncated zstd": batchInit(raw, { codec: Codec.ZSTD, body: body.subarray(0, body.length - 5) }),
        "wrong raw length": batchInit(raw, { rawBytes: raw.length - 1 }),
        "honest bomb": batchInit(raw, { codec: Codec.ZSTD, rawBytes: 32 << 20, body: bomb }),
        "lying bomb": batchInit(raw, { codec: Codec.ZSTD, rawBytes: 500, body: bomb }),
        "unknown codec": batchInit(raw, { codec: 77 as Codec }),
        "no codec": batchInit(raw, { codec: Codec.UNSPECIFIED }),
      };
      for (const [name, batch] of Object.entries(cases)) {
        assertEquals(await edge.hand(batch), BatchVerdict.MALFORMED, name);
      }
      assertEquals(decoded, []);
      assertEquals(await edge.hand(batchInit(Uint8Array.of(0xff, 1))), BatchVerdict.MALFORMED);
      assertEquals(pipeline.entries, []);
      assertEquals(await edge.hand(batchInit(raw)), BatchVerdict.ACCEPTED);
    });
  });

  it("closes on what is against the protocol, with a code and a reason", async () => {
    await withAggregator({}, async ({ connect }) => {
      const early = await connect().open();
      early.send({ case: "status", value: {} });
      const unnamed = await connect().open();
      unnamed.send({ case: "hello", value: { session: 1n } });
      const sessionless = await connect().open();
      sessionless.send({ case: "hello", value: { edgeId: "edge-1" } });
      const garbage = await connect().open();
      garbage.sendRaw(Uint8Array.of(0xff, 0xff, 0xff));
      const text = await connect().greet();
      text.sendRaw("hello");
      const twice = await connect().greet();
      twice.send({ case: "hello", value: { edgeId: "edge-1", session: 5n } });
      const nameless = await connect().greet();
      nameless.send({ case: "batch", value: batchInit(raw, { batchId: new Uint8Array(15) }) });
      const large = await connect().greet();
      large.send({ case: "batch", value: batchInit(new Uint8Array(6 << 20)) });
      const ends = { early, unnamed, sessionless, garbage, text, twice, nameless, large };
      const codes: Record<string, number> = {};
      for (const [name, end] of Object.entries(ends)) {
        const { code, reason } = await end.closed;
        codes[name] = code;
        assert(name === "large" || reason.startsWith("Cannot "), `${name}: ${reason}`);
      }
      assertEquals(codes, {
        early: 1008,
        unnamed: 1008,
        sessionless: 1008,
        garbage: 1002,
        text: 1003,
        twice: 1002,
        nameless: 1002,
        large: 1009,
      });
    });
  });

  it("closes an edge that goes far beyond its credit", async () => {
    const journalled = Promise.withResolvers<number>();
    await withAggregator(
      { journal: { append: () => journalled.promise, failing: false } },
      async ({ connect, logs }) => {
        const edge = await connect().greet();
        for (let i = 0; i < 3 * (CREDIT_MAX.safety + CREDIT_MAX.bulk); i++) {
          edge.send({ case: "batch", value: batchInit(raw) });
        }
        // Closed with messages unread, the connection may be reset before the edge sees the code.
        await edge.closed;
        assertStringIncludes(logs.join(), "far beyond the credit");
        journalled.resolve(1);
      },
    );
  });

  it("tells every edge when a drone's first alert opens and its last closes", async () => {
    await withAggregator({}, async ({ pipeline, connect }) => {
      const edges = [await connect().greet(), await connect().greet(6n, "edge-2")];
      const change = (droneId: string, open: boolean) => ({ type: "alert-open", droneId, open }) as const;
      pipeline.answer = () => ({
        verdict: "accepted",
        outputs: [change("a", true), change("b", true), change("b", false), change("c", false)],
      });
      await edges[0]!.hand(batchInit(raw));
      for (const edge of edges) {
        const told = () => edge.messages.flatMap(({ body }) => body.case === "openAlerts" ? [body.value] : []);
        await edge.until(() => told().length === 2);
        const { complete, openedDroneIds, closedDroneIds } = told()[1]!;
        assertEquals([complete, openedDroneIds, closedDroneIds], [false, ["a"], ["b", "c"]]);
      }
    });
  });

  it("keeps an edge's status and losses for the API", async () => {
    await withAggregator({}, async ({ connect, aggregator }) => {
      const edge = await connect().greet();
      edge.send({ case: "status", value: { receivedRecords: 12n, forwardedRecords: 9n } });
      const range = { firstSeq: 3, lastSeq: 5 };
      const loss = { timeUs: 7n, droneId: "d", bootId: 2, range, lane: Lane.BULK, records: 3 };
      // Sent again, as an edge does that has not heard that it arrived.
      const losses = [{ ...loss, reason: RefusalReason.DRONE_RATE }, {
        ...loss,
        reason: RefusalReason.SHED,
        records: 2,
      }];
      for (let i = 0; i < 2; i++) edge.send({ case: "losses", value: { reportId: 1n, losses } });
      await edge.hand(batchInit(raw));
      const { edges, lostRecords, refusedRecords } = await (await fetch(`${aggregator.url}/v1/fleet`)).json();
      assertEquals([edges[0].status.receivedRecords, edges[0].lostRecords, lostRecords], [12, 2, 2]);
      assertEquals([edges[0].refusedRecords, refusedRecords], [3, 3], "refused for now is not lost");
      assertEquals([edges[0].session, edges[0].connections], ["5", 1]);
    });
  });

  it("refuses plain HTTP, other subprotocols and browsers", async () => {
    await withAggregator({}, async ({ aggregator }) => {
      const url = `${aggregator.url}/v1/uplink`;
      const upgrade = { upgrade: "WebSocket", "sec-websocket-protocol": "slipstream.uplink.v1" };
      const statuses: number[] = [];
      const requests: Record<string, string>[] = [{}, { upgrade: "websocket" }, {
        ...upgrade,
        origin: "http://localhost:8788",
      }];
      for (const headers of requests) {
        const { status, body } = await request(url, headers);
        statuses.push(status);
        assertStringIncludes(body, "Cannot ");
      }
      assertEquals(statuses, [426, 400, 403]);
    });
  });
});

describe("startAggregator", () => {
  it("closes edges with 1001 when it stops, and ends streams of events", async () => {
    await withAggregator({}, async ({ connect, aggregator }) => {
      const edge = await connect().greet();
      const response = await fetch(`${aggregator.url}/v1/events`);
      const text = response.text();
      await aggregator.stop();
      assertEquals((await edge.closed).code, 1001);
      assertStringIncludes(await text, "retry: 1000");
      await assertRejects(() => fetch(`${aggregator.url}/healthz`), TypeError);
    });
  });
});

describe("the intake", () => {
  it("refuses an edge whose id another one goes by that answers, and says so; warnings still go to the first", async () => {
    await withAggregator({}, async ({ aggregator, connect }) => {
      const first = await connect().greet(5n);
      const twin = await connect().open();
      twin.send({ case: "hello", value: { edgeId: "edge-1", session: 6n, region: "local" } });
      const { code, reason } = await twin.closed;
      assertEquals([code, reason.includes("another edge goes by this id")], [1008, true]);
      const { alerts } = await (await fetch(`${aggregator.url}/v1/alerts`)).json();
      assertEquals(alerts.map(({ detail }: { detail: string }) => detail), ["edge-id/edge-1"]);
      assertEquals(await first.hand(batchInit(Uint8Array.of(1))), BatchVerdict.ACCEPTED);
    });
  });

  it("takes an edge that comes back in the same session, whose connection it had not yet seen end", async () => {
    await withAggregator({}, async ({ connect }) => {
      const first = await connect().greet(5n);
      const again = await connect().greet(5n);
      assertEquals((await first.closed).code, 1008);
      assertEquals(await again.hand(batchInit(Uint8Array.of(1))), BatchVerdict.ACCEPTED);
    });
  });

  it("takes another session of an edge that has fallen silent", async () => {
    let aheadMs = 0;
    const real = platform();
    const slow = { ...real, clock: () => real.clock() + aheadMs };
    await withAggregator({ platform: slow }, async ({ connect }) => {
      const first = await connect().greet(5n);
      aheadMs = 4000;
      await connect().greet(6n);
      assertEquals((await first.closed).code, 1008);
    });
  });

  it("names the slots that nobody has defined, and what is wrong with a malformed batch", async () => {
    await withAggregator({}, async ({ pipeline, connect }) => {
      const edge = await connect().greet();
      const last = () => edge.messages.flatMap(({ body }) => body.case === "ack" ? [body.value] : []).at(-1);
      pipeline.answer = () => ({ verdict: "unknown-slot", outputs: [], unknownSlots: [7, 9] });
      await edge.hand(batchInit(Uint8Array.of(1)));
      assertEquals(last()?.unknownSlots, [7, 9]);
      await edge.hand(batchInit(Uint8Array.of(0xff)));
      assertEquals([last()?.verdict, last()?.reason.includes("0xff")], [BatchVerdict.MALFORMED, true]);
    });
  });

  it("survives a message that makes anything behind it throw: it ends that connection alone", async () => {
    await withAggregator({}, async ({ pipeline, connect }) => {
      const [good, bad] = [await connect().greet(5n), await connect().greet(6n, "edge-2")];
      pipeline.usedId = () => {
        throw new Error("Cannot say");
      };
      pipeline.sessionKnown = pipeline.usedId as never;
      const third = await connect().open();
      third.send({ case: "hello", value: { edgeId: "edge-3", session: 7n, region: "local" } });
      assertEquals((await third.closed).code, 1011);
      assertEquals(await bad.hand(batchInit(Uint8Array.of(1))), BatchVerdict.ACCEPTED);
      assertEquals(await good.hand(batchInit(Uint8Array.of(1))), BatchVerdict.ACCEPTED);
    });
  });
});

// fetch() may not set the upgrade header: the request is written by hand.
async function request(url: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  const { hostname, port, pathname } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const lines = Object.entries({ host: hostname, connection: headers.upgrade ? "upgrade" : "close", ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`);
  await connection.write(new TextEncoder().encode(`GET ${pathname} HTTP/1.1\r\n${lines.join("")}\r\n`));
  const buffer = new Uint8Array(4096);
  const answer = new TextDecoder().decode(buffer.subarray(0, (await connection.read(buffer)) ?? 0));
  return { status: Number(answer.split(" ")[1]), body: answer };
}
