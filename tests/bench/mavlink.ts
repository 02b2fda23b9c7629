// A message of MAVLink: from bytes to a TelemetryFrame, beside the only library on npm, which stops at its fields, and beside
// a splitter that reads none.
import { fromHex, loadStream, mavlink } from "../mavlink/streams.ts";
import { firstRecordMs } from "../mavlink/first_record_ms.ts";
import { MESSAGES } from "../mavlink/frames.ts";
import { type BenchSettings, type Comparison, median } from "./comparison.ts";
import { MavlinkRival } from "./mavlink_rival.ts";
import { Splitter } from "./mavlink_splitter.ts";

const RIVAL = "node-mavlink, fields only";
const LIMIT = "frames and checksums only, TypeScript";
const PIECES = { "frame by frame": 0, "in pieces of 16 kB": 16_384 };
const LOAD_MS_MAX = 10;
const NOW_US = 1_790_000_100_000_000;

/** ns a message of one pass over all pieces. */
type Pass = () => number | Promise<number>;

export async function compareMavlink({ smoke }: BenchSettings): Promise<Comparison[]> {
  const comparisons = [await loading(smoke ? 1 : 25)];
  for (const name of ["v2", "signed"]) {
    const { bytes, key, messages } = await loadStream(name);
    for (const [cut, size] of Object.entries(PIECES)) {
      const pieces = cutUp(bytes, size);
      await using rival = MavlinkRival.start({ stream: name, pieceBytes: size, key, messages });
      const contenders = contendersOf(pieces, { key: key === null ? null : fromHex(key), messages, rival });
      const ns = await takeTurns(contenders, smoke ? 1 : 25);
      comparisons.push({
        name: `MAVLink ${name}, ${cut}`,
        unit: "ns a message",
        ours: ns.ours!,
        rival: { name: RIVAL, value: ns[RIVAL]! },
        limit: { name: LIMIT, value: ns[LIMIT]! },
        budget: null,
        note: key === null ? "" : "The limit proves no signature.",
      });
    }
  }
  return comparisons;
}

/** What the first peer waits for. */
async function loading(processes: number): Promise<Comparison> {
  const took: number[] = [];
  while (took.length < processes) took.push(await firstRecordMs());
  const ours = median(took);
  return {
    ...{ name: "MAVLink, from its code and module in files to the first record", unit: "ms", ours },
    ...{ rival: null, limit: null },
    budget: { text: `≤ ${LOAD_MS_MAX} ms`, met: ours <= LOAD_MS_MAX },
    note: "An edge loads it when the first peer comes.",
  };
}

function contendersOf(
  pieces: Uint8Array<ArrayBuffer>[],
  { key, messages, rival }: { key: Uint8Array | null; messages: number; rival: MavlinkRival },
): Record<string, Pass> {
  const module = mavlink();
  let pass = 0;
  const timed = (pass: () => number) => {
    const beganMs = performance.now();
    const found = pass();
    const ns = (performance.now() - beganMs) * 1e6 / messages;
    if (found !== messages) throw new Error(`Cannot compare: ${found} messages of ${messages} were found`);
    return ns;
  };
  const extras = new Uint8Array(1 << 16);
  for (const [id, extra] of Object.values(MESSAGES)) extras[id] = extra;
  return {
    ours: () =>
      timed(() => {
        const link = module.open({
          vehiclesMax: 1,
          // Another drone in each pass: of the same one it would all be a replay.
          admit: () => ({ droneId: `drone-${++pass}`, ...(key ? { key } : {}) }),
          onFrame: () => {},
        })!;
        for (const piece of pieces) link.push(piece, NOW_US);
        const { records, remembered, unmapped, unreadable } = link.counts();
        link.close();
        return records + remembered + unmapped + unreadable;
      }),
    [RIVAL]: () => rival.pass(),
    [LIMIT]: () =>
      timed(() => {
        const splitter = new Splitter(extras);
        for (const piece of pieces) splitter.push(piece);
        return splitter.frames;
      }),
  };
}

/** @param size 0: a frame is a piece */
function cutUp(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer>[] {
  const pieces = [];
  for (let at = 0; at < bytes.length;) {
    const frame = 12 + bytes[at + 1]! + ((bytes[at + 2]! & 1) !== 0 ? 13 : 0);
    pieces.push(bytes.subarray(at, at + (size || frame)));
    at += size || frame;
  }
  return pieces;
}

/** The median of each over rounds in which every contender has its turn. */
async function takeTurns(contenders: Record<string, Pass>, rounds: number): Promise<Record<string, number>> {
  const values: Record<string, number[]> = {};
  for (let round = -1; round < rounds; round++) {
    for (const [name, pass] of Object.entries(contenders)) {
      const ns = await pass();
      if (round >= 0 || rounds === 1) (values[name] ??= []).push(ns);
    }
  }
  return Object.fromEntries(Object.entries(values).map(([name, list]) => [name, median(list)]));
}
