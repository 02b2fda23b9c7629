// deno task overload [--seconds N] [--rate N]: twice the records that the edge takes, for a minute. Every refusal must be
// answered and in the ledger, memory flat, and the safety lane as fast as without load: from measurement to journal,
// read from the journal itself.
import { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";
import { create, fromBinary } from "@bufbuild/protobuf";
import { decodeArrival } from "../../aggregator/journal/entries.ts";
import { loadDecompress } from "../../aggregator/decompress.ts";
import { readOnlyDisk } from "../../aggregator/journal/disk.ts";
import { readJournal } from "../../aggregator/journal/reader.ts";
import { Lane } from "../../proto/gen/slipstream/v1/batch_pb.ts";
import { DroneDownlinkSchema } from "../../proto/gen/slipstream/v1/downlink_pb.ts";
import { type Telemetry, TelemetrySchema } from "../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { encodeAlertAck } from "../../sim/alert_inbox.ts";
import { type DroneIdentity, encodeFrame } from "../../sim/frame.ts";
import { connectPromptly } from "../../sim/prompt_socket.ts";
import { record } from "./producer.ts";
import { eventually } from "./faults.ts";
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
  /** The edge's resident memory at most, in MiB: in the first half of the overload, and in the second. */
  peakMib: [number, number];
}

/** Memory is flat when the second half needs at most so much more than the first. */
const GROWTH_MAX = 1.1;
/** How much slower the safety lane may be under load. */
const SLOWER_MAX = 1.5;

const DRONES = 100;
/** Drones send each by itself: a hundred frames at one moment would wait for one another. */
const STEP_MS = 1;
/** The drones fly north abreast, 500 m apart at 47° of latitude, at 30 m/s: nothing is on a collision course. */
const APART_E7 = 66_000;
const SPEED_CMS = 3000;
const SPEED_E7 = 2700;
/** The code is not compiled yet: what is measured then does not count. */
const WARM_UP_S = 4;
const UNLOADED_S = 8;
const SAMPLE_MS = 250;

interface Sender {
  socket: WebSocket;
  identity: DroneIdentity;
  lonE7: number;
  seq: number;
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
  let answered = 0;
  const senders = await Promise.all(Array.from({ length: DRONES }, async (_, i): Promise<Sender> => {
    const socket = connectPromptly(system.telemetryUrl);
    const identity = { droneId: `load-${i}`, bootId: 1 };
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      const { body } = fromBinary(DroneDownlinkSchema, new Uint8Array(data));
      if (body.case === "alert") socket.send(encodeAlertAck(body.value, { identity, nowMs: Date.now() }));
      if (body.case !== "throttle") return;
      const ranges = body.value.shed.length > 0 ? body.value.shed : body.value.refused ? [body.value.refused] : [];
      for (const { firstSeq, lastSeq } of ranges) answered += lastSeq - firstSeq + 1;
    };
    await new Promise((resolve) => socket.onopen = resolve);
    return { socket, identity, lonE7: 80_000_000 + i * APART_E7, seq: 0 };
  }));
  await send(senders, { recordsPerS: rate / 4, seconds: WARM_UP_S });
  const fromUs = Date.now() * 1000;
  await send(senders, { recordsPerS: rate / 4, seconds: UNLOADED_S });
  const splitUs = Date.now() * 1000;
  const peakMib: [number, number] = [
    await peakDuring(system.edge.pid, send(senders, { recordsPerS: 2 * rate, seconds: seconds / 2 })),
    await peakDuring(system.edge.pid, send(senders, { recordsPerS: 2 * rate, seconds: seconds / 2 })),
  ];
  const losses = () => {
    using db = new DatabaseSync(`${system.folder}/results.sqlite`, { readOnly: true });
    return Number(db.prepare("SELECT sum(records) AS records FROM losses").get()?.records ?? 0);
  };
  const status = async () => (await (await fetch(`${system.edgeUrl}/v1/status`)).json()).records;
  let { refused, shed } = await status();
  await eventually(async () => {
    ({ refused, shed } = await status());
    return losses() === refused + shed && answered === refused + shed;
  });
  const inLedger = losses();
  await Promise.all(senders.map(({ socket }) => {
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    return closed;
  }));
  const [unloadedP99Ms, loadedP99Ms] = await safetyP99Ms(system.journalPath, { fromUs, splitUs });
  return { refused, shed, answered, inLedger, unloadedP99Ms, loadedP99Ms, peakMib };
}

async function send(
  senders: Sender[],
  { recordsPerS, seconds }: { recordsPerS: number; seconds: number },
): Promise<void> {
  const beganMs = performance.now();
  let [sent, turn] = [0, 0];
  for (let elapsedMs = 0; elapsedMs < seconds * 1000; elapsedMs = performance.now() - beganMs) {
    for (const due = Math.floor((elapsedMs * recordsPerS) / 1000); sent < due; sent++) {
      const sender = senders[turn++ % senders.length]!;
      const kind = sender.seq % 3 === 0 ? "position" : sender.seq % 3 === 1 ? "battery" : "obstacles";
      sender.socket.send(encodeFrame(sender.identity, [kind === "position" ? position(sender) : record(sender, kind)]));
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

function position(sender: Sender): Telemetry {
  const nowMs = performance.timeOrigin + performance.now();
  const latE7 = 470_000_000 + Math.round(((nowMs % 3_600_000) / 1000) * SPEED_E7);
  const value = { latE7, lonE7: sender.lonE7, altMslMm: 500_000, fixType: 3, vnCms: SPEED_CMS };
  const [seq, eventTimeUs] = [++sender.seq, BigInt(Math.floor(nowMs * 1000))];
  return create(TelemetrySchema, { seq, eventTimeUs, flags: 3, body: { case: "position", value } });
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

/** Of positions in the safety lane: those journalled from `fromUs` and before `splitUs`, and after it. */
async function safetyP99Ms(
  journalPath: string,
  { fromUs, splitUs }: { fromUs: number; splitUs: number },
): Promise<[number, number]> {
  const decompress = await loadDecompress();
  const delays: [number[], number[]] = [[], []];
  for (const stored of readJournal(readOnlyDisk(journalPath), { afterIndex: 0, onGap: () => {} })) {
    const arrival = decodeArrival(stored, decompress);
    if (arrival.type !== "batch" || arrival.batch.sealed.lane !== Lane.SAFETY || stored.timeUs < fromUs) continue;
    const side = delays[stored.timeUs < splitUs ? 0 : 1]!;
    for (const eventTimeUs of arrival.batch.columns.positions.eventTimeUs) side.push(stored.timeUs - eventTimeUs);
  }
  const p99 = (of: number[]) => (of.sort((a, b) => a - b)[Math.floor(of.length * 0.99)] ?? NaN) / 1000;
  return [p99(delays[0]), p99(delays[1])];
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { seconds: { type: "string", default: "60" }, rate: { type: "string", default: "5000" } },
  });
  const result = await overload({ rate: Number(values.rate), seconds: Number(values.seconds) });
  const { refused, shed, answered, inLedger, unloadedP99Ms, loadedP99Ms, peakMib } = result;
  console.log(`refused ${refused}, shed ${shed}; answered ${answered}, in the ledger ${inLedger}`);
  console.log(
    `safety lane p99: ${unloadedP99Ms.toFixed(1)} ms unloaded, ${loadedP99Ms.toFixed(1)} ms at twice the rate`,
  );
  const [first, second] = peakMib;
  console.log(`edge memory at most: ${first.toFixed(0)} MiB in the first half, ${second.toFixed(0)} MiB in the second`);
  const isAnswered = answered === refused + shed && inLedger === refused + shed;
  const isGood = isAnswered && loadedP99Ms <= SLOWER_MAX * unloadedP99Ms && second <= GROWTH_MAX * first;
  console.log(isGood ? "as promised" : "NOT as promised");
  Deno.exit(isGood ? 0 : 1);
}
