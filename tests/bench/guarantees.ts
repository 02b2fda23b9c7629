// What the guarantees cost: the same batches through sequencer and pipeline with the journal on a real disk and without one,
// and with a sender that waits for acknowledgements within its credit and one that never does.
import { create, toBinary } from "@bufbuild/protobuf";
import { decodeBatch } from "../../aggregator/batch/columns.ts";
import { CREDIT_MAX } from "../../aggregator/intake/credit.ts";
import { loadDecompress } from "../../aggregator/batch/decompress.ts";
import { Sequencer } from "../../aggregator/core/sequencer.ts";
import { FolderDisk } from "../../aggregator/journal/disk.ts";
import { type Journal, volatileJournal } from "../../aggregator/journal/journal.ts";
import { JournalWriter, WRITER_DEFAULTS } from "../../aggregator/journal/writer.ts";
import { Pipeline, PIPELINE_DEFAULTS } from "../../aggregator/pipeline/pipeline.ts";
import { EdgeUplinkSchema } from "../../proto/gen/slipstream/v1/uplink_pb.ts";
import { type BenchSettings, type Comparison, median } from "./comparison.ts";
import { createLoad, type Load } from "./pipeline.ts";

const IN_FLIGHT_MAX = CREDIT_MAX.safety + CREDIT_MAX.bulk;

interface Run {
  recordsPerS: number;
  /** From handing a batch in to its acknowledgement, in ms. */
  p50Ms: number;
  p99Ms: number;
}

type Decompress = Awaited<ReturnType<typeof loadDecompress>>;

/** Records/s and acknowledgement latency with each guarantee on and off. */
export async function compareGuarantees(settings: BenchSettings): Promise<Comparison[]> {
  const load = await createLoad(settings);
  const decompress = await loadDecompress();
  const ways = { both: [] as Run[], journalAlone: [] as Run[], acksAlone: [] as Run[], neither: [] as Run[] };
  for (let round = 0; round < (settings.smoke ? 1 : 5); round++) {
    ways.both.push(await journalled(load, { decompress, inFlightMax: IN_FLIGHT_MAX }));
    ways.acksAlone.push(await pass(load, { decompress, journal: volatileJournal(), inFlightMax: IN_FLIGHT_MAX }));
    ways.journalAlone.push(await journalled(load, { decompress, inFlightMax: Infinity }));
    ways.neither.push(await pass(load, { decompress, journal: volatileJournal(), inFlightMax: Infinity }));
  }
  const of = (way: keyof typeof ways, what: keyof Run) => median(ways[way].map((run) => run[what]));
  const on = `${load.records} records in ${load.sealed.length} batches`;
  const unwaited = `without acknowledgements: ${rate(of("journalAlone", "recordsPerS"))} with the journal`;
  return [{
    name: `guarantees, ${on}: journal with fdatasync, ${IN_FLIGHT_MAX} batches in flight`,
    unit: "records/s",
    ours: of("both", "recordsPerS"),
    rival: { name: "acknowledged without a journal", value: of("acksAlone", "recordsPerS") },
    limit: { name: "neither journal nor acknowledgements", value: of("neither", "recordsPerS") },
    budget: null,
    note: unwaited,
  }, {
    name: "guarantees, from a batch to its acknowledgement, p50",
    unit: "ms",
    ours: of("both", "p50Ms"),
    rival: { name: "acknowledged without a journal", value: of("acksAlone", "p50Ms") },
    limit: { name: "neither journal nor acknowledgements: none", value: 0 },
    budget: null,
    note: `p99: ${of("both", "p99Ms").toFixed(2)} ms with the journal, ${
      of("acksAlone", "p99Ms").toFixed(2)
    } ms without`,
  }];
}

function rate(recordsPerS: number): string {
  return `${Math.round(recordsPerS / 1000)} k records/s`;
}

async function journalled(load: Load, { decompress, inFlightMax }: { decompress: Decompress; inFlightMax: number }) {
  const folder = await Deno.makeTempDir();
  const disk = FolderDisk.open(folder);
  const journal = new JournalWriter(WRITER_DEFAULTS, {
    disk,
    nextIndex: 1,
    after: (ms, fn) => {
      const timer = setTimeout(fn, ms);
      return () => clearTimeout(timer);
    },
    clock: () => performance.now(),
    commits: { add: () => {} },
    onFailure: (error) => {
      throw error;
    },
    onRecovery: () => {},
  });
  try {
    return await pass(load, { decompress, journal, inFlightMax });
  } finally {
    await journal.close();
    disk.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function pass(
  { sealed, records }: Load,
  { decompress, journal, inFlightMax }: { decompress: Decompress; journal: Journal; inFlightMax: number },
): Promise<Run> {
  const pipeline = new Pipeline(PIPELINE_DEFAULTS);
  let nowUs = 0;
  const sequencer = new Sequencer({
    clock: () => performance.now(),
    onClockStep: () => {},
    nowUs: () => nowUs,
    journal,
    pipeline,
    warn: () => {},
    deliver: () => {},
    onLosses: () => {},
    onFull: () => {},
    onGap: () => {},
    onMissed: () => {},
  });
  const delaysMs: number[] = [];
  const inFlight = new Set<Promise<void>>();
  const beganMs = performance.now();
  for (const { batch, ingestionTimeUs } of sealed) {
    nowUs = ingestionTimeUs;
    const uplink = toBinary(EdgeUplinkSchema, create(EdgeUplinkSchema, { body: { case: "batch", value: batch } }));
    const opened = decompress(batch);
    if ("malformed" in opened) throw new Error(`Cannot open a batch: ${opened.malformed}`);
    const handedMs = performance.now();
    const columns = decodeBatch(opened.raw);
    const done = sequencer.take({ edgeId: "edge-1", session: 1n, sealed: batch, columns, uplink }).then(() => {
      delaysMs.push(performance.now() - handedMs);
      inFlight.delete(done);
    });
    inFlight.add(done);
    while (inFlight.size >= inFlightMax) await Promise.race(inFlight);
  }
  await sequencer.settled();
  await Promise.all(inFlight);
  const seconds = (performance.now() - beganMs) / 1000;
  const { accepted } = pipeline.fleet().records;
  if (accepted !== records) throw new Error(`Cannot trust the round: ${accepted} of ${records} records were accepted`);
  delaysMs.sort((a, b) => a - b);
  const quantile = (q: number) => delaysMs[Math.floor(delaysMs.length * q)] ?? 0;
  return { recordsPerS: records / seconds, p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
}
