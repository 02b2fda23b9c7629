import { create, toBinary } from "@bufbuild/protobuf";
import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { encodeArrival } from "../../aggregator/journal/entries.ts";
import type { StoredEntry } from "../../aggregator/journal/format.ts";
import { PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { JournalMessages, type Message, type TopicKind, TOPICS } from "../../aggregator/sinks/publishing/messages.ts";
import { PARTIALS_TOPIC } from "../../aggregator/sinks/publishing/partials.ts";
import { EdgeUplinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { encodeRows, makeEntry, type Row } from "../pipeline/build_batch.ts";

const T0 = 1_790_000_000_000_000;
const S = 1_000_000;

/** A second of one drone: the windows of the seconds before close with it. */
function second(i: number): { stored: StoredEntry; rows: Row[] } {
  const place = { latE7: 474_000_000 + i * 1000, lonE7: 85_000_000, altMslMm: 500_000 };
  const rows: Row[] = [{ kind: "position", slot: 1, seq: i, eventTimeUs: T0 + i * S, flags: 3, ...place }];
  const slots = [{ slot: 1, droneId: "drone-1", bootId: 7, fleet: "north", zone: "harbour" }];
  const batch = makeEntry({ rows, slots, ingestionTimeUs: T0 + i * S });
  const uplink = toBinary(EdgeUplinkSchema, create(EdgeUplinkSchema, { body: { case: "batch", value: batch.sealed } }));
  return { stored: { index: i, timeUs: T0 + i * S, body: encodeArrival({ type: "batch", batch, uplink }) }, rows };
}

/** Those of an aggregator without a region. */
const PLAIN = TOPICS.filter((kind) => kind !== PARTIALS_TOPIC);

/** What is published of ten seconds where these topics are. */
function published(topics: readonly TopicKind[], region: string | null = null) {
  let rows: Row[] = [];
  const messages = new JournalMessages(PIPELINE_DEFAULTS, {
    decompress: () => ({ raw: encodeRows(rows) }),
    ...{ topics, region },
  });
  return Array.from({ length: 10 }, (_, i) => second(i + 1)).flatMap((next) => {
    rows = next.rows;
    return messages.of(next.stored);
  });
}

describe("an entry's messages", () => {
  it("have the same places whichever topics are wanted", () => {
    const all = published(PLAIN);
    assertEquals(new Set(all.map(({ topic }) => topic)), new Set(["telemetry", "metrics"]));
    for (const topic of PLAIN) assertEquals(published([topic]), all.filter((message) => message.topic === topic));
    assertGreater(Math.max(...published(["metrics"]).map(({ position: { ordinal } }) => ordinal)), 0);
  });

  it("have the same places whether there are partial windows or not; those come last, and where a region is set only", () => {
    const all = published(TOPICS, "eu");
    const places = (messages: Message[]) => messages.map(({ topic, key, position }) => ({ topic, key, position }));
    assertEquals(places(all.filter(({ topic }) => topic !== PARTIALS_TOPIC)), places(published(PLAIN)));
    const partials = all.filter(({ topic }) => topic === PARTIALS_TOPIC);
    assertEquals(partials.some(({ key }) => key === `["north","harbour",${T0 + S},0]`), true);
    assertEquals(partials.some(({ key }) => key === '["eu"]'), true);
    assertEquals(published([PARTIALS_TOPIC]), []);
  });

  it("are called by what they are about, from general to particular", () => {
    const [record, ...rest] = published(PLAIN);
    assertEquals(record?.path, ["north", "harbour", "drone-1"]);
    const ofZone = rest.find(({ topic, path }) => topic === "metrics" && path[2] === "harbour");
    assertEquals(ofZone?.path, ["tumbling", "north", "harbour"]);
    assertEquals(ofZone?.key, `["tumbling","north","harbour",${T0 + S}]`);
  });
});
