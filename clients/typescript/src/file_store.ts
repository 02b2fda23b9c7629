// Records in a file of lines: a header, "+ seq record" for each that is kept, "- first last" for those that are not any more.
// Lines are appended; what has grown is written anew, beside, and put in its place. It outlives the process; of the machine's
// last seconds before a power cut lines may be missing.
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { closeSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { Buffer } from "node:buffer";
import { type Telemetry, TelemetrySchema } from "../../../proto/gen/slipstream/v1/telemetry_pb.ts";
import { FieldError } from "./problem.ts";
import type { KeptRecords, RecordStore } from "./record_store.ts";

const FORMAT = "slipstream-outbox 1";
/** Lines beyond those of what is kept before the file is written anew. */
const SPARE_LINES_MAX = 4096;

export class FileStore implements RecordStore {
  readonly #path: string;
  /** Of each record that is kept, its line; in the order of the file. */
  readonly #kept = new Map<number, string>();
  #droneId = "";
  #bootId = 0;
  #lastSeq = 0;
  #file: number | null = null;
  #lines = 0;

  constructor(path: string) {
    this.#path = path;
  }

  open(droneId: string, bootId: number): KeptRecords {
    this.#droneId = droneId;
    this.#bootId = bootId;
    const records = this.#read();
    this.#rewrite();
    return { bootId: this.#bootId, lastSeq: this.#lastSeq, records };
  }

  put(records: readonly Telemetry[]): void {
    for (const record of records) {
      const bytes = Buffer.from(toBinary(TelemetrySchema, record)).toString("base64");
      this.#kept.set(record.seq, `+ ${record.seq} ${bytes}\n`);
      this.#lastSeq = Math.max(this.#lastSeq, record.seq);
    }
    this.#append(records.map(({ seq }) => this.#kept.get(seq)!));
  }

  forget(seqs: readonly number[]): void {
    const own = seqs.filter((seq) => this.#kept.delete(seq));
    this.#append(rangesOf(own).map(([first, last]) => `- ${first} ${last}\n`));
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #read(): Telemetry[] {
    const text = readIfThere(this.#path);
    if (text === "") return [];
    // Behind the last end of a line stands what was being written when the process died.
    const [header = "", ...lines] = text.slice(0, text.lastIndexOf("\n") + 1).split("\n").slice(0, -1);
    const [, boot, last, name] = new RegExp(`^${FORMAT} (\\d+) (\\d+) (".*")$`).exec(header) ?? [];
    if (name === undefined) throw new FieldError("outbox", `${this.#path} is no outbox`);
    if (name !== JSON.stringify(this.#droneId)) throw new FieldError("outbox", `${this.#path} is that of ${name}`);
    [this.#bootId, this.#lastSeq] = [Number(boot), Number(last)];
    const records = new Map<number, Telemetry>();
    for (const [i, line] of lines.entries()) {
      const [sign, first, second] = line.split(" ");
      if (sign === "+" && second !== undefined) {
        const seq = Number(first);
        records.set(seq, fromBinary(TelemetrySchema, new Uint8Array(Buffer.from(second, "base64"))));
        this.#kept.set(seq, `${line}\n`);
        this.#lastSeq = Math.max(this.#lastSeq, seq);
      } else if (sign === "-" && second !== undefined) {
        for (let seq = Number(first); seq <= Number(second); seq++) {
          records.delete(seq);
          this.#kept.delete(seq);
        }
      } else throw new FieldError("outbox", `line ${i + 2} of ${this.#path} is damaged`);
    }
    return [...records.values()];
  }

  #append(lines: string[]): void {
    if (lines.length === 0) return;
    // A write that failed may have left half a line: everything is written anew then.
    if (this.#file === null || this.#lines > this.#kept.size + SPARE_LINES_MAX) return this.#rewrite();
    const file = this.#file;
    this.#file = null;
    writeAll(file, lines.join(""));
    this.#file = file;
    this.#lines += lines.length;
  }

  #rewrite(): void {
    this.close();
    const beside = `${this.#path}.new`;
    const header = `${FORMAT} ${this.#bootId} ${this.#lastSeq} ${JSON.stringify(this.#droneId)}\n`;
    const file = openSync(beside, "w");
    try {
      writeAll(file, header + [...this.#kept.values()].join(""));
      renameSync(beside, this.#path);
    } catch (error) {
      closeSync(file);
      throw error;
    }
    this.#file = file;
    this.#lines = this.#kept.size;
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return "";
    throw error;
  }
}

function writeAll(file: number, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

/** Runs of numbers that follow each other. */
function rangesOf(seqs: readonly number[]): [first: number, last: number][] {
  const ranges: [number, number][] = [];
  for (const seq of seqs.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && last[1] === seq - 1) last[1] = seq;
    else ranges.push([seq, seq]);
  }
  return ranges;
}
