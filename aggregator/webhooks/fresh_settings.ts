// Whom alerts are told to, as their file says by now: it is looked at again, with the files that it names, and what is wrong with
// it is told while what was right before stays.
import type { Platform } from "../../platform/system.ts";
import type { Operations } from "../alerts/operations.ts";
import { readWebhooks, type WebhooksFile } from "./settings.ts";

/** Reads one file. */
export interface TextReader {
  now: (path: string) => string;
  soon: (path: string) => Promise<string>;
}

export interface Freshness extends Pick<Platform, "every" | "log"> {
  operations: Pick<Operations, "degraded" | "restored">;
  /** Told what is right, once it has changed. */
  onChange: (file: WebhooksFile) => void;
}

const LOOK_MS = 1000;
const NOBODY: WebhooksFile = { consoleUrl: "", webhooks: [] };
const FILES: TextReader = { now: Deno.readTextFileSync, soon: (path) => Deno.readTextFile(path) };

export class FreshSettings {
  readonly #path: string | null;
  readonly #reader: TextReader;
  /** Of the files that were read last, whether what they said was right or not; null: it could not be read. */
  #read = new Map<string, string | null>();
  #file: WebhooksFile = NOBODY;

  /** `path`: null, and nobody is told. @throws {TypeError} naming everything that is wrong with the file */
  constructor(path: string | null, reader: TextReader = FILES) {
    this.#path = path;
    this.#reader = reader;
    if (path !== null) this.#file = this.#readFrom(path);
  }

  /** What was right last. */
  get file(): WebhooksFile {
    return this.#file;
  }

  /** Looks at the files again and again. @returns what ends it */
  keepFresh({ every, log, operations, onChange }: Freshness): () => void {
    const path = this.#path;
    if (path === null) return () => {};
    let [seen, isLooking] = [this.#said(), false];
    const look = async () => {
      const now = await this.#look();
      // Whoever writes them may be in the middle of it: what was there at two looks is meant.
      const isMeant = now === seen;
      seen = now;
      if (!isMeant || now === this.#said()) return;
      try {
        this.#file = this.#readFrom(path);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        const message = `Cannot use the new webhooks, the old ones stay: ${error.message}`;
        operations.degraded("webhooks", { message, severity: "warning" });
        return log("warn", message);
      }
      operations.restored("webhooks");
      const names = this.#file.webhooks.map(({ name }) => name);
      log("info", `webhooks changed: told are ${names.join(", ") || "none"}`);
      onChange(this.#file);
    };
    return every(LOOK_MS, () => {
      if (isLooking) return;
      isLooking = true;
      void look().finally(() => isLooking = false);
    });
  }

  #readFrom(path: string): WebhooksFile {
    this.#read = new Map();
    return readWebhooks(path, (file) => {
      this.#read.set(file, null);
      const text = this.#reader.now(file);
      this.#read.set(file, text);
      return text;
    });
  }

  /** What was read last, to be compared. */
  #said(): string {
    return JSON.stringify([...this.#read]);
  }

  /** The same of what is there by now. */
  async #look(): Promise<string> {
    const files = [...this.#read.keys()];
    return JSON.stringify(await Promise.all(files.map(async (file) => [file, await this.#textOf(file)])));
  }

  async #textOf(file: string): Promise<string | null> {
    try {
      return await this.#reader.soon(file);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return null;
    }
  }
}
