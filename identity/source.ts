// A text that somebody else keeps, in a file or at an address: read again as it changes. While it cannot be read, or makes no
// sense, the one before holds. Where there is nobody to bring a file, it may be the text itself.
import type { Platform } from "../platform/system.ts";

export interface SourceParts extends Pick<Platform, "every" | "clock" | "log"> {
  /** What it is, for messages. */
  name: string;
  /** A path, an https:// or http:// address, or a text that begins with {. */
  where: string;
  /** @throws {Error} saying why a text makes no sense */
  check: (text: string) => void;
  /** The beginning of one is one as well: nobody sees that its file is being written. */
  isList: boolean;
}

const FILE_INTERVAL_MS = 1000;
const ADDRESS_INTERVAL_MS = 30_000;
/** Not more often, whoever asks. */
const REFRESH_MS_MIN = 1000;
const FETCH_MS_MAX = 5000;
const BYTES_MAX = 1 << 20;

export class Source {
  readonly #parts: SourceParts;
  readonly #cancel: () => void;
  #text: string;
  #readMs: number;
  #problem = "";
  /** What was read last, and not believed yet. */
  #shorter: string | null = null;
  #reading: Promise<boolean> | null = null;

  private constructor(text: string, parts: SourceParts) {
    this.#parts = parts;
    this.#text = text;
    this.#readMs = parts.clock();
    const intervalMs = isAddress(parts.where) ? ADDRESS_INTERVAL_MS : FILE_INTERVAL_MS;
    this.#cancel = isText(parts.where) ? () => {} : parts.every(intervalMs, () => void this.#read());
  }

  /** @throws {Error} when it cannot be read, or makes no sense */
  static async open(parts: SourceParts): Promise<Source> {
    const { name, where, check } = parts;
    try {
      const text = await load(where);
      check(text);
      return new Source(text, parts);
    } catch (error) {
      const from = isText(where) ? "the environment" : where;
      throw new Error(`Cannot read ${name} of ${from}: ${messageOf(error)}`, { cause: error });
    }
  }

  get text(): string {
    return this.#text;
  }

  /** Reads it again, unless that was done moments ago; whether it has changed. */
  async refresh(): Promise<boolean> {
    if (this.#parts.clock() - this.#readMs < REFRESH_MS_MIN && !this.#reading) return false;
    return await this.#read();
  }

  close(): void {
    this.#cancel();
  }

  #read(): Promise<boolean> {
    this.#readMs = this.#parts.clock();
    return this.#reading ??= this.#readOnce().finally(() => this.#reading = null);
  }

  async #readOnce(): Promise<boolean> {
    const { name, where, check, log } = this.#parts;
    try {
      const text = await load(where);
      if (text !== this.#text) check(text);
      this.#problem = "";
      if (text === this.#text || this.#maybeHalf(text)) return false;
      this.#text = text;
      log("info", `${name} of ${where} has changed`);
      return true;
    } catch (error) {
      const problem = messageOf(error);
      // Once, not each second.
      if (problem !== this.#problem) log("warn", `Cannot read ${name} of ${where}, the one before holds: ${problem}`);
      this.#problem = problem;
      return false;
    }
  }

  // A list that has become shorter is believed when it is read so a second time: one that is being written has grown by then.
  #maybeHalf(text: string): boolean {
    const isSeen = !this.#parts.isList || text.length >= this.#text.length || text === this.#shorter;
    this.#shorter = isSeen ? null : text;
    return !isSeen;
  }
}

function isAddress(where: string): boolean {
  return /^https?:\/\//.test(where);
}

function isText(where: string): boolean {
  return where.trimStart().startsWith("{");
}

async function load(where: string): Promise<string> {
  if (isText(where)) return where;
  if (!isAddress(where)) {
    using file = await Deno.open(where);
    return await boundedText(file.readable);
  }
  const response = await fetch(where, { signal: AbortSignal.timeout(FETCH_MS_MAX), redirect: "error" });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`it answers ${response.status}`);
  }
  return await boundedText(response.body ?? []);
}

/** No more of it is read than it may have. */
async function boundedText(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > BYTES_MAX) throw new RangeError(`it has more than ${BYTES_MAX} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
