// A file with recorded flights, by the end of its name: CSV, a ground station's .tlog, PX4's .ulg, ArduPilot's .bin.
import { basename, extname } from "node:path";
import { readRecordings, type Recording } from "../recording.ts";

/** All of it is held in memory, and of a .ulg where each of its messages is. */
const BYTES_MAX = 512 * 2 ** 20;
/** What lasts longer was not recorded, but damaged. */
const DAYS_MAX = 366;
const DAY_US = 86_400e6;
const ID_BYTES_MAX = 64;

/**
 * The recordings in a file. What it needs to read a kind of log is loaded when there is one.
 *
 * @throws {SyntaxError} naming the file and what is wrong with it; what the file system says is thrown as it is.
 */
export async function readLog(file: string): Promise<Recording[]> {
  const { size, isDirectory } = await Deno.stat(file);
  if (isDirectory) throw new SyntaxError(`Cannot read ${file}: it is a folder`);
  if (size > BYTES_MAX) {
    throw new SyntaxError(`Cannot read ${file}: it has ${size} bytes, and at most ${BYTES_MAX} can be replayed`);
  }
  const recordings = await readAny(file);
  for (const { rows } of recordings) {
    const days = rows.reduce((most, { offsetUs }) => Math.max(most, offsetUs), 0) / DAY_US;
    if (days > DAYS_MAX) throw new SyntaxError(`Cannot read ${file}: it lasts ${Math.round(days)} days`);
  }
  return recordings;
}

async function readAny(file: string): Promise<Recording[]> {
  const extension = extname(file).toLowerCase();
  if (extension === ".tlog") {
    const { readTlog } = await import("../tlog_recording.ts");
    return await readTlog(await Deno.readFile(file), file);
  }
  if (extension === ".ulg") {
    const { readUlogFile } = await import("./ulog.ts");
    return [await readUlogFile(file, droneIdOf(file))];
  }
  if (extension === ".bin") {
    const { readDataflash } = await import("./ardupilot.ts");
    return [readDataflash(await Deno.readFile(file), { droneId: droneIdOf(file), fileName: file })];
  }
  return readRecordings(await Deno.readTextFile(file), file);
}

// Such a log does not say which drone it is of.
function droneIdOf(file: string): string {
  const name = basename(file, extname(file));
  const { length } = new TextEncoder().encode(name);
  if (length <= ID_BYTES_MAX) return name;
  throw new SyntaxError(
    `Cannot read ${file}: its drone is called as the file is, and that has ${length} bytes, not 1 to 64`,
  );
}
