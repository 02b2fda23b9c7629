// What the files of an aggregator hold of a drone: its id, and a place that only it was at, in each form in which they are kept.
import { loadDecompress } from "../../aggregator/batch/decompress.ts";
import { checkpointName, decodeCheckpoint, listCheckpoints } from "../../aggregator/journal/checkpoints.ts";
import { readOnlyDisk } from "../../aggregator/journal/disk.ts";
import { decodeArrival } from "../../aggregator/journal/entries.ts";
import { readJournal } from "../../aggregator/journal/reader.ts";
import { findDeep } from "../pipeline/deep.ts";

export interface Sought {
  droneId: string;
  latE7: number;
}

/** Paths of files that hold it, with what of it. */
export async function filesHolding(folder: string, { droneId, latE7 }: Sought): Promise<string[]> {
  const latDeg = latE7 / 1e7;
  const forms: [string, Uint8Array][] = [
    ["its id", new TextEncoder().encode(droneId)],
    ["its latitude in degrees", new TextEncoder().encode(`${latDeg}`)],
    ["its latitude as a double", new Uint8Array(Float64Array.of(latDeg).buffer)],
    ["its latitude in 1e-7 degrees as a double", new Uint8Array(Float64Array.of(latE7).buffer)],
    ["its latitude as a varint", zigzagVarint(latE7)],
  ];
  const found: string[] = [];
  for (const path of filesIn(folder)) {
    const text = latin1(Deno.readFileSync(path));
    for (const [what, bytes] of forms) if (text.includes(latin1(bytes))) found.push(`${path}: ${what}`);
  }
  return [...found, ...await unpackedHolding(`${folder}/journal`, { droneId, latE7 })];
}

/** The same of what is packed, or coded as differences. */
async function unpackedHolding(journal: string, { droneId, latE7 }: Sought): Promise<string[]> {
  const disk = readOnlyDisk(journal);
  const decompress = await loadDecompress();
  const fits = (value: string | number) =>
    typeof value === "string" ? value.includes(droneId) : value === latE7 || value === latE7 / 1e7;
  const checkpoints = listCheckpoints(disk).flatMap((index) => {
    const checkpoint = decodeCheckpoint(disk.read(checkpointName(index)));
    return findDeep([...checkpoint?.state ?? []], fits, `checkpoint ${index}`);
  });
  const entries = [...readJournal(disk, { afterIndex: 0, onGap: () => {} })].flatMap((stored) => {
    const arrival = decodeArrival(stored, decompress);
    if (arrival.type !== "batch") return [];
    const { columns, sealed } = arrival.batch;
    return findDeep([columns.positions.latE7, sealed.slots], fits, `entry ${stored.index}`);
  });
  return [...checkpoints, ...entries];
}

function* filesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* filesIn(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

/** As protobuf writes an sint32. */
function zigzagVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let left = value >= 0 ? 2 * value : -2 * value - 1;
  for (; left > 127; left = Math.floor(left / 128)) bytes.push(left % 128 | 128);
  return Uint8Array.from([...bytes, left]);
}
