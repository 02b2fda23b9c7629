import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeBatch } from "../../aggregator/batch/columns.ts";
import type { AlertEvent, Output } from "../../aggregator/outputs.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { create } from "@bufbuild/protobuf";
import { SealedBatchSchema } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { readRecordings, type Recording } from "../../sim/recording.ts";
import { replayPlan } from "../../sim/replay.ts";
import { loadUnlimitedHotPath } from "../bench/hot_path.ts";
import { modelUplink } from "../bench/uplink_model.ts";
import { FLIGHT_FILES, hasFlights, readFlight } from "../flights.ts";

const T0_US = 1_790_000_000_000_000;
const COPIES = 12;
const TICK_US = 100_000;

/** A fleet of the flights in the sky at their own speed, through the hot path and the pipeline in virtual time. */
async function fly(recordings: Recording[]): Promise<{ alerts: AlertEvent[]; tracks: number; ghosts: number }> {
  const traffic = replayPlan({ recordings, speed: 1, copies: COPIES, bootId: 1 }).begin(T0_US);
  const frames = traffic.advance(Infinity).map(({ atUs, frame }) => ({ sentTimeUs: atUs, bytes: frame }));
  const hotPath = await loadUnlimitedHotPath();
  const pipeline = new Pipeline(PIPELINE_DEFAULTS);
  const outputs: Output[] = [];
  let [tickUs, tracks, ghosts] = [T0_US, 0, 0];
  for (const [i, batch] of modelUplink(frames, { hotPath, periodMs: { safety: 20, bulk: 50 } }).entries()) {
    const ingestionTimeUs = Math.round(batch.sealedTimeUs) + 2000;
    for (; tickUs < ingestionTimeUs; tickUs += TICK_US) outputs.push(...pipeline.tick(tickUs));
    const batchId = new Uint8Array(16);
    new DataView(batchId.buffer).setUint32(0, i + 1);
    const sealed = create(SealedBatchSchema, { batchId, records: batch.records, slots: batch.slots });
    const columns = decodeBatch(batch.columns);
    const { verdict, outputs: found } = pipeline.step({
      ...{ edgeId: "e1", session: 1n, ingestionTimeUs, sealed, columns },
    });
    assertEquals(verdict, "accepted");
    outputs.push(...found);
    const { airspace } = pipeline.fleet();
    tracks = Math.max(tracks, airspace.tracks);
    ghosts = Math.max(ghosts, airspace.ghosts);
  }
  return { alerts: outputs.flatMap((output) => output.type === "alert" ? [output.alert] : []), tracks, ghosts };
}

describe(`fleets of recorded flights, ${COPIES} of each, really apart`, () => {
  it("raise no conflict, whatever jumps, gaps and freezes they hold", { ignore: !hasFlights }, async () => {
    const recordings = FLIGHT_FILES.flatMap((name) => readRecordings(readFlight(name), name));
    const { alerts, tracks, ghosts } = await fly(recordings);
    const conflicts = alerts.filter(({ kind }) => kind === "conflict");
    assertEquals(conflicts.map(({ message, conflict }) => `${message}: ${conflict?.assumed}`), []);
    assertGreater(tracks, 5 * COPIES, "they are in the airspace at all");
    assertGreater(ghosts, 0, "some of them fall silent or freeze");
    const raised = alerts.filter(({ transition }) => transition === "raise");
    const once = { "battery-low": COPIES };
    assertEquals(
      Object.fromEntries(Map.groupBy(raised, ({ kind }) => kind).entries().map(([kind, of]) => [kind, of.length])),
      once,
    );
  });
});
