// Both lanes emptied: ours sorts and encodes columns, the plain way encodes rows with @bufbuild/protobuf, the limit is one copy
// of as many bytes. The lanes are filled outside of what is measured.
import { LaneIndex } from "../../wasm/limits.ts";
import type { BenchCase, Iteration } from "./bench_case.ts";
import { loadUnlimitedHotPath } from "./hot_path.ts";
import { Traffic } from "./hot_path_traffic.ts";
import { PlainHotPath } from "./plain_hot_path.ts";

const DRONES = 500;
/** Fewer would be filled in and sealed in less than 10 µs, and `deno bench` would count the filling as well. */
const RECORDS = [64, 1024, 8192];
/** What leaves of such a fleet after 1.5 ms. */
const RECORDS_FEW = 8;

/** A lane's way: `fill` as many records, `seal` them. */
interface Way {
  fill: () => void;
  /** @returns bytes */
  seal: () => number;
}

interface Batch {
  kind: string;
  records: number;
}

/** Batches of one kind and of all, small and large. */
export async function sealingCases(): Promise<BenchCase[]> {
  const large = RECORDS.flatMap((records) => ["position", "mixed"].map((kind) => ({ kind, records })));
  return await Promise.all([
    sealingCase({ kind: "position", records: RECORDS_FEW }, { aside: false }),
    ...large.map((batch) => sealingCase(batch, { aside: true })),
  ]);
}

async function sealingCase(batch: Batch, { aside }: { aside: boolean }): Promise<BenchCase> {
  const ours = await ourWay(batch);
  ours.fill();
  const source = new Uint8Array(ours.seal());
  const target = new Uint8Array(source.length);
  const iteration = aside ? sealed : filledAndSealed;
  return {
    name: `sealing: ${batch.kind}, ${batch.records.toLocaleString("en-GB")} records${
      aside ? "" : ", with pushing them"
    }`,
    unit: "a batch",
    ours: iteration(ours),
    plain: { name: "plain TypeScript", run: iteration(plainWay(batch)) },
    limit: { name: "one copy", run: () => target.set(source) },
    note: `${DRONES} drones, ${(source.length / batch.records).toFixed(1)} bytes a record`,
  };
}

function sealed({ fill, seal }: Way): Iteration {
  return (stopwatch) => {
    fill();
    stopwatch.start();
    seal();
    stopwatch.end();
  };
}

function filledAndSealed({ fill, seal }: Way): Iteration {
  return () => {
    fill();
    seal();
  };
}

async function ourWay({ kind, records }: Batch): Promise<Way> {
  const hotPath = await loadUnlimitedHotPath();
  const traffic = trafficOf(kind);
  return {
    fill: () => {
      for (let i = 0; i < records; i++) hotPath.push(traffic.next(), traffic.nowMs);
    },
    seal: () => {
      let [bytes, sealed] = [0, 0];
      for (const lane of [LaneIndex.safety, LaneIndex.bulk]) {
        const batch = hotPath.seal(lane);
        bytes += batch?.raw?.length ?? 0;
        sealed += batch?.records ?? 0;
      }
      if (sealed !== records) throw new Error(`Cannot trust the batch: ${sealed} of ${records} records were sealed`);
      return bytes;
    },
  };
}

function plainWay({ kind, records }: Batch): Way {
  const plain = new PlainHotPath();
  const traffic = trafficOf(kind);
  return {
    fill: () => {
      for (let i = 0; i < records; i++) plain.push(traffic.next());
    },
    seal: () => plain.seal("safety").length + plain.seal("bulk").length,
  };
}

function trafficOf(kind: string): Traffic {
  return new Traffic({ kind, recordsPerFrame: 1, drones: DRONES, fate: "kept" });
}
