// deno task replay: runs the journal through a pipeline of its own, and prints windows and alerts, or how they differ
// from what was emitted live. Reads only; a running aggregator is not disturbed. Exits with 1 when a replay with the
// live settings differs.
import { DatabaseSync } from "node:sqlite";
import { optionsOf } from "../../platform/options.ts";
import { loadDecompress } from "../batch/decompress.ts";
import { readOnlyDisk } from "../journal/disk.ts";
import { readIdentity } from "../journal/identity.ts";
import { describeGap } from "../core/trouble.ts";
import { Diff } from "./diff.ts";
import { replay, type Replayed } from "./replay.ts";
import { REPLAY, type ReplayOptions, replayOptions } from "./options.ts";

const WRITE_BYTES = 1 << 16;
const encoder = new TextEncoder();

/** Writes lines in large pieces. */
class LineWriter {
  readonly #file: { writeSync: (bytes: Uint8Array) => number };
  #lines = "";

  constructor(file: { writeSync: (bytes: Uint8Array) => number }) {
    this.#file = file;
  }

  write(line: string): void {
    this.#lines += `${line}\n`;
    if (this.#lines.length > WRITE_BYTES) this.flush();
  }

  flush(): void {
    const bytes = encoder.encode(this.#lines);
    for (let written = 0; written < bytes.length;) written += this.#file.writeSync(bytes.subarray(written));
    this.#lines = "";
  }
}

async function main(options: ReplayOptions): Promise<number> {
  const { journal, sqlite, out, settings, fixed, fromUs, toUs } = options;
  const disk = readOnlyDisk(journal);
  const decompress = await loadDecompress();
  using file = out === null ? null : Deno.openSync(out, { create: true, write: true, truncate: true });
  const lines = new LineWriter(file ?? Deno.stdout);
  const journalId = readIdentity(disk)?.id ?? "";
  const diff = options.diff ? new Diff({ journalId, fromUs, toUs }) : null;
  const replayed = replay({
    ...{ disk, decompress, settings, fixed, fromUs, toUs },
    onOutput: (output, place) => {
      if (diff) diff.add(output);
      if (!diff || file) lines.write(JSON.stringify({ ...place, ...output }));
    },
  });
  lines.flush();
  console.error(summary(replayed));
  for (const gap of replayed.unjournalled) {
    console.error(`${describeGap(gap)}: what follows may differ from what was live`);
  }
  if (!diff) return 0;
  using db = new DatabaseSync(sqlite, { readOnly: true });
  const { equal, furtherRevised, differences } = diff.compare(db);
  for (const difference of differences) console.log(JSON.stringify(difference));
  const further = furtherRevised > 0
    ? `; ${furtherRevised} windows that one side saw further revised are left out`
    : "";
  console.error(`${equal} windows and alerts are equal, ${differences.length} differ${further}`);
  return differences.length > 0 && fixed.size === 0 ? 1 : 0;
}

function summary({ baseIndex, entries, outputs, gaps }: Replayed): string {
  const base = baseIndex === 0 ? "from the journal's beginning" : `from the checkpoint at entry ${baseIndex}`;
  const missing = gaps.map(({ firstIndex, lastIndex }) => `; entries ${firstIndex} to ${lastIndex} are missing`).join(
    "",
  );
  return `replayed ${entries} entries ${base}: ${outputs} outputs${missing}`;
}

try {
  Deno.exit(await main(replayOptions(optionsOf(REPLAY))));
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(error.message);
  Deno.exit(2);
}
