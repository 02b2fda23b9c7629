// A disk in memory that fails as disks do: full, failing to sync, and losing or tearing what was not synced when the
// power goes.
import type { Disk, DiskFile } from "../../aggregator/journal/disk.ts";

interface MemoryFile {
  bytes: Uint8Array<ArrayBuffer>;
  /** How many of them a crash leaves for certain. */
  durable: number;
}

export class MemoryDisk implements Disk {
  #files = new Map<string, MemoryFile>();
  /** Bytes that all files may have together; a write beyond it writes what fits and throws. */
  capacity = Infinity;
  /** Resolves when a sync may finish; null: it fails. */
  syncing: (() => Promise<void>) | null = () => Promise.resolve();
  syncs = 0;

  list(): { name: string; bytes: number }[] {
    return [...this.#files].map(([name, { bytes }]) => ({ name, bytes: bytes.length }))
      .sort((a, b) => a.name < b.name ? -1 : 1);
  }

  read(name: string): Uint8Array<ArrayBuffer> {
    return this.#file(name).bytes.slice();
  }

  /** Bytes of a file, whatever they were: rot. */
  overwrite(name: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.#files.set(name, { bytes, durable: bytes.length });
  }

  create(name: string): DiskFile {
    const file: MemoryFile = { bytes: new Uint8Array(), durable: 0 };
    this.#files.set(name, file);
    return {
      write: (bytes) => {
        const room = Math.max(0, this.capacity - this.#used());
        const part = bytes.subarray(0, room);
        file.bytes = Uint8Array.from([...file.bytes, ...part]);
        if (part.length < bytes.length) throw new Error("No space left on device");
      },
      sync: async () => {
        const length = file.bytes.length;
        if (!this.syncing) throw new Error("Input/output error");
        await this.syncing();
        this.syncs++;
        file.durable = Math.max(file.durable, Math.min(length, file.bytes.length));
      },
      cut: (bytes) => {
        file.bytes = file.bytes.slice(0, bytes);
        file.durable = Math.min(file.durable, bytes);
      },
      close: () => {},
    };
  }

  cut(name: string, bytes: number): void {
    const file = this.#file(name);
    file.bytes = file.bytes.slice(0, bytes);
    file.durable = bytes;
  }

  async replace(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (bytes.length > this.capacity - this.#used()) throw new Error("No space left on device");
    if (!this.syncing) throw new Error("Input/output error");
    await this.syncing();
    this.#files.set(name, { bytes: bytes.slice(), durable: bytes.length });
  }

  remove(name: string): void {
    this.#files.delete(name);
  }

  /** The disk as it is after the power went: of what was not synced a part, torn anywhere. */
  crashed(random: () => number): MemoryDisk {
    const after = new MemoryDisk();
    for (const [name, { bytes, durable }] of this.#files) {
      const kept = durable + Math.floor(random() * (bytes.length - durable + 1));
      after.#files.set(name, { bytes: bytes.slice(0, kept), durable: kept });
    }
    return after;
  }

  #used(): number {
    return [...this.#files.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  #file(name: string): MemoryFile {
    const file = this.#files.get(name);
    if (!file) throw new Error(`Cannot find ${name}: no such file`);
    return file;
  }
}
