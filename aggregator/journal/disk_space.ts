// How much room a folder's disk has left. A disk may hang: nobody waits for its answer, and it is asked one thing at a time.
import { statfs } from "node:fs/promises";

/** Asks the disk, in bytes. @throws what the file system throws */
export type AskSpace = (path: string) => Promise<number>;

const askDisk: AskSpace = async (path) => {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
};

export class DiskSpace {
  readonly #path: string;
  readonly #ask: AskSpace;
  #freeBytes: number | null = null;
  #isAsking = false;

  /** @param path of a folder, or none: ":memory:" */
  constructor(path: string, ask: AskSpace = askDisk) {
    this.#path = path;
    this.#ask = ask;
    this.#look();
  }

  /** As the disk has said last, whom this asks again; null: it has not yet, or there is none. */
  get freeBytes(): number | null {
    this.#look();
    return this.#freeBytes;
  }

  #look(): void {
    if (this.#isAsking || this.#path === ":memory:") return;
    this.#isAsking = true;
    this.#ask(this.#path).then((bytes) => bytes, () => null).then((bytes) => {
      this.#freeBytes = bytes;
      this.#isAsking = false;
    });
  }
}
