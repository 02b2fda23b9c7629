// deno task overload [--seconds N] [--rate N]: twice the records that the edge takes, for a minute. Every refusal must be
// answered and in the ledger, memory flat, and the safety lane as fast as without load: from measurement to journal,
// read from the journal itself.
import { DatabaseSync } from "node:sqlite";
import { number, whole } from "../../platform/kinds.ts";
import { optionsOf } from "../../platform/options.ts";
import { decodeArrival } from "../../aggregator/journal/entries.ts";
import { loadDecompress } from "../../aggregator/batch/decompress.ts";
import { readOnlyDisk } from "../../aggregator/journal/disk.ts";
import { readJournal } from "../../aggregator/journal/reader.ts";
import { Lane } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { connectPromptly } from "../../platform/prompt_socket.ts";
import { TELEMETRY_SUBPROTOCOL } from "../../proto/words.ts";
import { behind } from "../e2e/behind.ts";
import { runToEnd } from "../e2e/process.ts";
import { Abreast, numberOf, type Phase } from "./abreast.ts";
import { eventually } from "./eventually.ts";
import { ChaosSystem } from "./system.ts";

export interface OverloadResult {
  refused: number;
  shed: number;
  /** Records that Throttle frames named, and that the aggregator's ledger holds. */
  answered: number;
  inLedger: number;
  /** Measurement to journal, p99 of positions, in ms. */
  unloadedP99Ms: number;
  loadedP99Ms: number;
  /** The edge's resident memory at most, in MiB: in the first half of the overload once it is warm, and in the second. */
  peakMib: [number, number];
}

/** Memory is flat when the second half needs at most so much more than the first. */
const GROWTH_MAX = 1.1;
/** Before that the heap grows to what the load needs; and within less than this nobody can tell growth from collections. */
const LOAD_WARM_UP_S = 15;
const HALF_S_MIN = 15;
/** Load after which memory is judged. */
const JUDGED_S_MIN = LOAD_WARM_UP_S + 2 * HALF_S_MIN;
/** How much slower the safety lane may be under load. */
const SLOWER_MAX = 1.5;
/** Of the records above the rate. */
const REFUSED_MIN = 0.9;

/** Their positions are measured; the other drones fly in a process of their own, which gets what these leave. */
const WATCHED = 10;
const OTHERS = 90;
const DRONES = WATCHED + OTHERS;
/** For the other process to start. */
const CONNECT_MS = 3000;
/** The code is not compiled yet: what is measured then does not count. First at the full rate, then until it has calmed down. */
const WARM_UP_S = 4;
/** How long the unloaded value is measured, as a part of how long the load lasts. */
const UNLOADED_SHARE = 1 / 3;
const SAMPLE_MS = 250;

/** What of the promises was broken, and what this run was too short to tell. */
export interface Judgement {
  broken: string[];
  notJudged: string[];
}

/** @param seconds of overload, at `rate` records a second that the edge takes */
export function judge(
  { refused, shed, answered, inLedger, unloadedP99Ms, loadedP99Ms, peakMib: [first, second] }: OverloadResult,
  { rate, seconds }: { rate: number; seconds: number },
): Judgement {
  const broken: string[] = [];
  // Less is refused when the load could not keep up.
  if (refused + shed < REFUSED_MIN * rate * seconds) {
    broken.push("the load was not twice the rate: this machine is too slow for it");
  }
  if (answered !== refused + shed || inLedger !== refused + shed) broken.push("not every refusal is answered and kept");
  if (!(loadedP99Ms <= SLOWER_MAX * unloadedP99Ms)) broken.push("the safety lane is slower under load");
  if (seconds < JUDGED_S_MIN) {
    return { broken, notJudged: [`memory: ${seconds} s are too short, it takes ${JUDGED_S_MIN}`] };
  }
  if (second > GROWTH_MAX * first) broken.push("memory grows");
  return { broken, notJudged: [] };
}

/** @param rate records a second that the edge takes */
export async function overload({ rate, seconds }: { rate: number; seconds: number }): Promise<OverloadResult> {
  const edgeEnv = {
    SLIPSTREAM_NODE_RATE: `${rate}`,
    SLIPSTREAM_NODE_BURST: `${rate}`,
    SLIPSTREAM_DRONE_RATE: `${rate}`,
  };
  await using system = await ChaosSystem.start({
    edgeEnv: { ...edgeEnv, SLIPSTREAM_DRONE_BURST: `${rate}` },
    checkpointS: 30,
  });
  const { telemetryUrl: url, edge: { pid } } = system;
  const watched = await Abreast.connect({
    ...{ url, first: 0, count: WATCHED, recordsPerFrame: 1 },
    connect: (url) => connectPromptly(url, TELEMETRY_SUBPROTOCOL),
  });
  const beganMs = Date.now() + CONNECT_MS;
  let untilMs = beganMs;
  const warmUpS = Math.min(LOAD_WARM_UP_S, seconds / 3);
  const phase = (recordsPerS: number, seconds: number): Phase => [recordsPerS, untilMs += seconds * 1000];
  const phases = [
    phase(2 * rate, WARM_UP_S),
    phase(rate / 4, WARM_UP_S),
    phase(rate / 4, UNLOADED_SHARE * seconds),
    phase(2 * rate, warmUpS),
    phase(2 * rate, (seconds - warmUpS) / 2),
    phase(2 * rate, (seconds - warmUpS) / 2),
  ];
  const others = runToEnd(
    ["run", "-A", "--quiet", "tests/chaos/abreast.ts", url, `${WATCHED}`, `${OTHERS}`, shareOf(phases, OTHERS)],
    { through: await behind() },
  );
  const peaksMib: number[] = [];
  for (const [recordsPerS, untilMs] of phases) {
    const mine: Phase = [(recordsPerS * WATCHED) / DRONES, untilMs];
    peaksMib.push(await peakDuring(pid, watched.send(mine)));
  }
  const { code, stdout, stderr } = await others;
  if (code !== 0) throw new Error(`Cannot measure: the other drones ended with exit code ${code}: ${stderr}`);
  const answered = () => watched.answered + Number(stdout);
  const losses = () => {
    using db = new DatabaseSync(`${system.folder}/results.sqlite`, { readOnly: true });
    return Number(db.prepare("SELECT sum(records) AS records FROM losses").get()?.records ?? 0);
  };
  const status = async () => (await (await fetch(`${system.edgeUrl}/v1/status`)).json()).records;
  let { refused, shed } = await status();
  await eventually(async () => {
    ({ refused, shed } = await status());
    return losses() === refused + shed && answered() === refused + shed;
  });
  await watched.close();
  const [fromUs, splitUs] = [phases[1]![1] * 1000, phases[2]![1] * 1000];
  const [unloadedP99Ms, loadedP99Ms] = await safetyP99Ms(system.journalPath, { fromUs, splitUs });
  const peakMib: [number, number] = [peaksMib[4]!, peaksMib[5]!];
  return { refused, shed, answered: answered(), inLedger: losses(), unloadedP99Ms, loadedP99Ms, peakMib };
}

function shareOf(phases: Phase[], drones: number): string {
  return JSON.stringify(phases.map(([recordsPerS, untilMs]) => [(recordsPerS * drones) / DRONES, untilMs]));
}

async function rssMib(pid: number): Promise<number> {
  return (Number((await Deno.readTextFile(`/proc/${pid}/statm`)).split(" ")[1]) * 4096) / (1 << 20);
}

async function peakDuring(pid: number, work: Promise<void>): Promise<number> {
  let [peakMib, done] = [await rssMib(pid), false];
  const working = work.finally(() => done = true);
  while (!done) {
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    peakMib = Math.max(peakMib, await rssMib(pid));
  }
  await working;
  return peakMib;
}

/** Of the watched drones' positions in the safety lane: those journalled from `fromUs` and before `splitUs`, and after it. */
async function safetyP99Ms(
  journalPath: string,
  { fromUs, splitUs }: { fromUs: number; splitUs: number },
): Promise<[number, number]> {
  const decompress = await loadDecompress();
  const delays: [number[], number[]] = [[], []];
  const watched = new Set<number>();
  for (const stored of readJournal(readOnlyDisk(journalPath), { afterIndex: 0, onGap: () => {} })) {
    const arrival = decodeArrival(stored, decompress);
    if (arrival.type !== "batch") continue;
    const { sealed, columns: { positions } } = arrival.batch;
    for (const { slot, droneId } of sealed.slots) if (numberOf(droneId) < WATCHED) watched.add(slot);
    if (sealed.lane !== Lane.SAFETY || stored.timeUs < fromUs) continue;
    const side = delays[stored.timeUs < splitUs ? 0 : 1]!;
    for (const [i, eventTimeUs] of positions.eventTimeUs.entries()) {
      if (watched.has(positions.slot[i]!)) side.push(stored.timeUs - eventTimeUs);
    }
  }
  const p99 = (of: number[]) => (of.sort((a, b) => a - b)[Math.floor(of.length * 0.99)] ?? NaN) / 1000;
  return [p99(delays[0]), p99(delays[1])];
}

if (import.meta.main) {
  const { rate, seconds } = optionsOf({
    name: "deno task overload",
    about:
      "Twice the records that the edge takes. Exits with 1 if a refusal is not answered, or the safety lane is slower.",
    options: {
      seconds: number({ fallback: 60, min: 1, max: 1e5, about: "how long" }),
      rate: whole({ fallback: 5000, about: "records/s that the edge takes" }),
    },
  });
  const result = await overload({ rate, seconds });
  const { refused, shed, answered, inLedger, unloadedP99Ms, loadedP99Ms, peakMib: [first, second] } = result;
  console.log(`refused ${refused}, shed ${shed}; answered ${answered}, in the ledger ${inLedger}`);
  console.log(
    `safety lane p99: ${unloadedP99Ms.toFixed(1)} ms unloaded, ${loadedP99Ms.toFixed(1)} ms at twice the rate`,
  );
  console.log(`edge memory at most: ${first.toFixed(0)} MiB in the first half, ${second.toFixed(0)} MiB in the second`);
  const { broken, notJudged } = judge(result, { rate, seconds });
  for (const line of notJudged) console.log(`not judged: ${line}`);
  console.log(broken.length === 0 ? "as promised" : `NOT as promised: ${broken.join("; ")}`);
  Deno.exit(broken.length === 0 ? 0 : 1);
}
