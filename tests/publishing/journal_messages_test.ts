import { create, toBinary } from "@bufbuild/protobuf";
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { loadDecompress } from "../../aggregator/batch/decompress.ts";
import type { Entry } from "../../aggregator/batch/entry.ts";
import { decodeCheckpoint } from "../../aggregator/journal/checkpoints.ts";
import { type Arrival, encodeArrival } from "../../aggregator/journal/entries.ts";
import type { StoredEntry } from "../../aggregator/journal/format.ts";
import { Pipeline, type PipelineSettings } from "../../aggregator/pipeline/pipeline.ts";
import { JournalMessages, TOPICS } from "../../aggregator/sinks/publishing/messages.ts";
import { EdgeUplinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { checkpointFile } from "../journal/checkpoint_file.ts";
import { ARRIVALS_SETTINGS, type Enter, entrances, happeningsWithErasures } from "../pipeline/arbitrary_arrivals.ts";

const decompress = await loadDecompress();
/** So little memory that windows expire for it. */
const NARROW: PipelineSettings = { ...ARRIVALS_SETTINGS, pastBytesMax: 20_000 };

/** What enters a pipeline, and when, instead of one. */
class Recorder {
  readonly entries: { arrival: Arrival; timeUs: number }[] = [];
  #keep = (arrival: Arrival, timeUs = this.entries.at(-1)?.timeUs ?? 0) => {
    this.entries.push({ arrival, timeUs });
    return { outputs: [] };
  };
  step = ({ ingestionTimeUs, ...batch }: Entry) => {
    const uplink = toBinary(
      EdgeUplinkSchema,
      create(EdgeUplinkSchema, { body: { case: "batch", value: batch.sealed } }),
    );
    return this.#keep({ type: "batch", batch, uplink }, ingestionTimeUs);
  };
  tick = (nowUs: number) => this.#keep({ type: "tick" }, nowUs);
  acknowledgeAlert = ({ nowUs, ...of }: Parameters<Pipeline["acknowledgeAlert"]>[0]) =>
    this.#keep({ type: "acknowledgement", ...of }, nowUs);
  configure = ({ nowUs, ...of }: Parameters<Pipeline["configure"]>[0]) =>
    this.#keep({ type: "configuration", ...of }, nowUs);
  clockStepped = ({ nowUs, stepUs }: Parameters<Pipeline["clockStepped"]>[0]) =>
    this.#keep({ type: "clock-step", stepUs }, nowUs);
  edgeChanged = ({ edgeId, presence, lateMs }: Parameters<Pipeline["edgeChanged"]>[0]) =>
    this.#keep({ type: "edge", edgeId, presence, ...lateMs !== undefined && { lateMs } });
  trafficHeard = ({ nowUs, ...of }: Parameters<Pipeline["trafficHeard"]>[0]) =>
    this.#keep({ type: "traffic", ...of }, nowUs);

  erase = ({ nowUs, ...of }: Parameters<Pipeline["erase"]>[0]) => this.#keep({ type: "erasure", ...of }, nowUs);

  /** The aggregator was started, with this lateness. */
  start(latenessS: number): void {
    this.#keep({ type: "start", values: [["SLIPSTREAM_LATENESS_S", `${latenessS}`]] });
  }
}

/** A journal of what happens, and of starts: before what, and with which lateness. */
function journalOf(all: Enter[], starts: ReadonlyMap<number, number>): StoredEntry[] {
  const recorder = new Recorder();
  for (const [i, enter] of all.entries()) {
    const latenessS = starts.get(i);
    if (latenessS !== undefined) recorder.start(latenessS);
    enter(recorder as unknown as Pipeline);
  }
  return recorder.entries.map(({ arrival, timeUs }, i) => ({ index: i + 1, timeUs, body: encodeArrival(arrival) }));
}

/** All messages, by entry. */
function messagesOf(journal: StoredEntry[], from?: Uint8Array<ArrayBuffer>) {
  const messages = new JournalMessages(NARROW, { decompress, topics: TOPICS, region: "north" });
  if (from) messages.pipeline.restore(decodeCheckpoint(from)!.state);
  return journal.map((stored) => messages.of(stored));
}

describe("messages of a journal", () => {
  it("are the same from whichever checkpoint on, also when restarts changed the lateness", () => {
    const restarts = fc.array(fc.tuple(fc.nat({ max: 200 }), fc.constantFrom(2, 20, 60)), { maxLength: 3 });
    fc.assert(
      fc.property(happeningsWithErasures, restarts, (all, restarts) => {
        const enter = entrances(all);
        const journal = journalOf(enter, new Map(restarts.map(([at, s]) => [at % enter.length, s])));
        const whole = messagesOf(journal);
        const live = new JournalMessages(NARROW, { decompress, topics: TOPICS, region: "north" });
        for (const [i, stored] of journal.entries()) {
          live.of(stored);
          if (i % 7 !== 6) continue;
          const file = checkpointFile({ index: i + 1, timeUs: stored.timeUs, state: [...live.pipeline.snapshot()] });
          assertEquals(messagesOf(journal.slice(i + 1), file), whole.slice(i + 1), `from behind entry ${i + 1}`);
        }
      }),
      { numRuns: 60 },
    );
  });
});
