// An edge that tells traces, one batch in a hundred as by default, and one that tells none, side by side: the same frames at
// the same time, so that whatever else the machine does is done to both. What is told is received and thrown away.
import { cpuUs } from "../e2e/proc.ts";
import { Process } from "../e2e/process.ts";
import type { EdgeStatusView } from "../e2e/system.ts";
import { type BenchSettings, type Comparison, median } from "./comparison.ts";
import { discardTraces } from "./discarded_traces.ts";
import { acknowledgeEverything, forwardedAll, startUnlimitedEdge } from "./loaded_edge.ts";
import { type NumberedFrame, numberedFrame, type Numbering, renumber } from "./numbered_frames.ts";
import { compareObservedWarnings } from "./observed_warnings.ts";

const COST_MAX = 0.03;
const CONNECTIONS = 100;
const PERIOD_MS = 20;
const FULL = { rounds: 7, warmUpMs: 3000, measureMs: 10_000 };
const SMOKE = { rounds: 1, warmUpMs: 200, measureMs: 500 };
const NUMBERING: Numbering = { stepUs: PERIOD_MS * 1000, stepE7: 150, latSteps: 600_000 };

/** CPU of each in µs, and the records that each has forwarded meanwhile. */
interface Round {
  onUs: number;
  offUs: number;
  records: number;
}

/** CPU a record, and how long a warning takes. */
export async function compareTraces(settings: BenchSettings): Promise<Comparison[]> {
  const { smoke } = settings;
  const aggregator = acknowledgeEverything();
  const collector = discardTraces({ delayMs: smoke ? 100 : 1000 });
  const rounds: Round[] = [];
  const { rounds: count, ...times } = smoke ? SMOKE : FULL;
  try {
    // No two processes compile alike: each round has its own.
    while (rounds.length < count) {
      await using on = await startUnlimitedEdge(aggregator.url, collector.env);
      await using off = await startUnlimitedEdge(aggregator.url);
      rounds.push(await measure({ on, off }, times));
    }
    collector.exports();
  } finally {
    await Promise.all([aggregator.stop(), collector.stop()]);
  }
  return [comparison(rounds), ...await compareObservedWarnings(settings)];
}

function comparison(rounds: readonly Round[]): Comparison {
  const per = (of: (round: Round) => number) => median(rounds.map((round) => of(round) / round.records));
  const ratios = rounds.map(({ onUs, offUs }) => onUs / offUs);
  const cost = median(ratios) - 1;
  return {
    name: `traces, ${CONNECTIONS} connections, ${CONNECTIONS * 1000 / PERIOD_MS} one-record frames/s`,
    unit: "µs of CPU a record",
    ours: per(({ onUs }) => onUs),
    rival: { name: "without traces", value: per(({ offUs }) => offUs) },
    limit: null,
    budget: {
      text: `≤ ${COST_MAX * 100} % more than without (${(cost * 100).toFixed(1)} %)`,
      met: cost <= COST_MAX,
    },
    note: `with / without, of each round: ${ratios.map((ratio) => ratio.toFixed(3)).join(" ")}`,
  };
}

async function measure(
  edges: { on: Process; off: Process },
  { warmUpMs, measureMs }: { warmUpMs: number; measureMs: number },
): Promise<Round> {
  const frames = Array.from({ length: CONNECTIONS }, (_, i) => frameOf(i));
  const sockets = await Promise.all(
    frames.map((_, i) => Promise.all([edges.on, edges.off].map(({ url }, edge) => open(url, `${edge}-${i}`)))),
  );
  let sent = 0;
  const timer = setInterval(() => {
    sent++;
    for (const [i, frame] of frames.entries()) {
      renumber(frame, sent, NUMBERING);
      // Whoever is first in one turn is second in the next.
      for (const edge of sent % 2 === 0 ? [0, 1] : [1, 0]) sockets[i]![edge]!.send(frame.bytes);
    }
  }, PERIOD_MS);
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const read = async () => ({
    cpu: await Promise.all([edges.on, edges.off].map(({ pid }) => cpuUs(pid))),
    status: await Promise.all([edges.on, edges.off].map(statusOf)),
  });
  await pause(warmUpMs);
  const before = await read();
  await pause(measureMs);
  const after = await read();
  clearInterval(timer);
  for (const socket of sockets.flat()) socket.close();
  for (const status of after.status) forwardedAll(status);
  const [onUs, offUs] = after.cpu.map((us, edge) => us - before.cpu[edge]!) as [number, number];
  const records = after.status[0]!.records.forwarded - before.status[0]!.records.forwarded;
  return { onUs, offUs, records };
}

function frameOf(drone: number): NumberedFrame {
  const value = { latE7: 400_000_000 + drone * 1000, lonE7: 85_000_000, altMslMm: 450_123, fixType: 3, hAccMm: 450 };
  const bodies = [{ case: "position" as const, value: { vnCms: 1234, veCms: -321, vdCms: 7, ...value } }];
  return numberedFrame(`drone-${String(drone).padStart(8, "0")}`, { bootId: 1, bodies });
}

async function open(url: string, what: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/telemetry`, "slipstream.v1");
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`Cannot open socket ${what}`));
  });
  return socket;
}

async function statusOf({ url }: Process): Promise<EdgeStatusView> {
  return await (await fetch(`${url}/v1/status`)).json();
}
