// A disk in memory that fails as disks do: full, failing to sync, and losing or tearing what was not synced when the
// power goes.
import type { Disk, DiskFile } from "../../aggregator/journal/disk.ts";
import { concatenated } from "./checkpoint_file.ts";

interface MemoryFile {
  /** The first `length` of these. */
  room: Uint8Array<ArrayBuffer>;
  length: number;
  /** How many of them a crash leaves for certain. */
  durable: number;
  /** A sync has returned, or it was put in place whole: a crash leaves its name. */
  named: boolean;
}

export class MemoryDisk implements Disk {
  #files = new Map<string, MemoryFile>();
  /** Bytes that all files may have together; a write beyond it writes what fits and throws. */
  capacity = Infinity;
  /** Resolves when a sync may finish; null: it fails. */
  syncing: (() => Promise<void>) | null = () => Promise.resolve();
  syncs = 0;
  bytesRead = 0;

  list(): { name: string; bytes: number }[] {
    return [...this.#files].map(([name, { length }]) => ({ name, bytes: length }))
      .sort((a, b) => a.name < b.name ? -1 : 1);
  }

  read(name: string, bytesMax = Infinity): Uint8Array<ArrayBuffer> {
    const { room, length } = this.#file(name);
    const bytes = room.slice(0, Math.min(length, bytesMax));
    this.bytesRead += bytes.length;
    return bytes;
  }

  readFrom(name: string, { offset, bytesMax }: { offset: number; bytesMax: number }): Uint8Array<ArrayBuffer> {
    const { room, length } = this.#file(name);
    const bytes = room.slice(offset, Math.min(length, offset + bytesMax));
    this.bytesRead += bytes.length;
    return bytes;
  }

  /** Bytes of a file, whatever they were: rot. */
  overwrite(name: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.#files.set(name, { room: bytes, length: bytes.length, durable: bytes.length, named: true });
  }

  create(name: string): DiskFile {
    const file: MemoryFile = { room: new Uint8Array(1024), length: 0, durable: 0, named: false };
    this.#files.set(name, file);
    return {
      write: (bytes) => {
        const room = Math.max(0, this.capacity - this.#used());
        const part = bytes.subarray(0, room);
        append(file, part);
        if (part.length < bytes.length) throw new Error("No space left on device");
      },
      sync: async () => {
        const { length } = file;
        if (!this.syncing) throw new Error("Input/output error");
        await this.syncing();
        this.syncs++;
        file.durable = Math.max(file.durable, Math.min(length, file.length));
        file.named = true;
      },
      cut: (bytes) => {
        file.length = Math.min(file.length, bytes);
        file.durable = Math.min(file.durable, bytes);
      },
      close: () => {},
    };
  }

  cut(name: string, bytes: number): void {
    const file = this.#file(name);
    file.length = bytes;
    file.durable = bytes;
  }

  async replace(name: string, blocks: readonly Uint8Array[]): Promise<void> {
    const bytes = concatenated(blocks);
    if (bytes.length > this.capacity - this.#used()) throw new Error("No space left on device");
    if (!this.syncing) throw new Error("Input/output error");
    await this.syncing();
    this.overwrite(name, bytes);
  }

  remove(name: string): void {
    this.#files.delete(name);
  }

  /** The disk as it is after the power went: of what was not synced a part, torn anywhere, or not even the name. */
  crashed(random: () => number): MemoryDisk {
    const after = new MemoryDisk();
    for (const [name, { room, length, durable, named }] of this.#files) {
      if (!named && random() < 0.5) continue;
      after.overwrite(name, room.slice(0, durable + Math.floor(random() * (length - durable + 1))));
    }
    return after;
  }

  #used(): number {
    return [...this.#files.values()].reduce((sum, { length }) => sum + length, 0);
  }

  #file(name: string): MemoryFile {
    const file = this.#files.get(name);
    if (!file) throw new Error(`Cannot find ${name}: no such file`);
    return file;
  }
}

function append(file: MemoryFile, bytes: Uint8Array): void {
  if (file.length + bytes.length > file.room.length) {
    const room = new Uint8Array(2 * (file.length + bytes.length));
    room.set(file.room.subarray(0, file.length));
    file.room = room;
  }
  file.room.set(bytes, file.length);
  file.length += bytes.length;
}
