// The files of one folder, as the journal needs them: append, make durable, replace as a whole. Tests put a disk in its
// place that fills up, tears and forgets.
import { join } from "node:path";

/** The files of one folder; every method throws what the file system throws. */
export interface Disk {
  /** Names and sizes, ascending by name. */
  list(): { name: string; bytes: number }[];
  /** A file, or its first bytes. */
  read(name: string, bytesMax?: number): Uint8Array<ArrayBuffer>;
  /** A new, empty file, or the one of that name emptied; its name is durable once its first sync has returned. */
  create(name: string): DiskFile;
  /** Cuts a file to its first bytes, durably. */
  cut(name: string, bytes: number): void;
  /** Puts a whole file in place, made of these blocks: after a crash or an error there is the old one or the new one. */
  replace(name: string, blocks: readonly Uint8Array[]): Promise<void>;
  remove(name: string): void;
}

/** A file that is being appended to. */
export interface DiskFile {
  /** May have written a part of it when it throws. */
  write(bytes: Uint8Array): void;
  /** Resolves when everything written is durable. */
  sync(): Promise<void>;
  cut(bytes: number): void;
  close(): void;
}

const LOCK_NAME = "lock";
const TEMPORARY = ".new";

/** A folder that this process alone may write. */
export class FolderDisk implements Disk {
  readonly #path: string;
  readonly #lock: Deno.FsFile;

  private constructor(path: string, lock: Deno.FsFile) {
    this.#path = path;
    this.#lock = lock;
  }

  /** Makes the folder if need be, and removes what a crash left half written. @throws {Error} when another process has it */
  static open(path: string): FolderDisk {
    Deno.mkdirSync(path, { recursive: true });
    const lock = Deno.openSync(join(path, LOCK_NAME), { create: true, write: true });
    if (!lock.tryLockSync(true)) {
      lock.close();
      throw new Error(`Cannot use the folder ${path}: another process has it`);
    }
    for (const { name } of Deno.readDirSync(path)) {
      if (name.endsWith(TEMPORARY)) Deno.removeSync(join(path, name));
    }
    return new FolderDisk(path, lock);
  }

  /** A folder that is read while another process may write it. */
  static list(path: string): { name: string; bytes: number }[] {
    return [...Deno.readDirSync(path)]
      .filter(({ name, isFile }) => isFile && name !== LOCK_NAME && !name.endsWith(TEMPORARY))
      .map(({ name }) => ({ name, bytes: Deno.statSync(join(path, name)).size }))
      .sort((a, b) => a.name < b.name ? -1 : 1);
  }

  list(): { name: string; bytes: number }[] {
    return FolderDisk.list(this.#path);
  }

  read(name: string, bytesMax?: number): Uint8Array<ArrayBuffer> {
    return readStart(join(this.#path, name), bytesMax);
  }

  create(name: string): DiskFile {
    const file = Deno.openSync(join(this.#path, name), { create: true, write: true, truncate: true });
    let named = false;
    return {
      write: (bytes) => {
        for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
      },
      sync: async () => {
        await file.syncData();
        if (!named) await syncFolder(this.#path);
        named = true;
      },
      cut: (bytes) => {
        file.truncateSync(bytes);
        file.seekSync(bytes, Deno.SeekMode.Start);
      },
      close: () => file.close(),
    };
  }

  cut(name: string, bytes: number): void {
    using file = Deno.openSync(join(this.#path, name), { write: true });
    file.truncateSync(bytes);
    file.syncDataSync();
  }

  async replace(name: string, blocks: readonly Uint8Array[]): Promise<void> {
    await replaceFile(this.#path, { name, blocks });
  }

  remove(name: string): void {
    Deno.removeSync(join(this.#path, name));
  }

  /** Lets another process have the folder. */
  close(): void {
    this.#lock.close();
  }
}

/** A folder of another process, or of none, that is only read. */
export interface ReadOnlyDisk extends Pick<Disk, "list" | "read"> {
  /** At most so many bytes of a file from `offset` on; fewer where it ends. */
  readFrom(name: string, { offset, bytesMax }: { offset: number; bytesMax: number }): Uint8Array<ArrayBuffer>;
}

export function readOnlyDisk(path: string): ReadOnlyDisk {
  return {
    list: () => FolderDisk.list(path),
    read: (name, bytesMax) => readStart(join(path, name), bytesMax),
    readFrom: (name, { offset, bytesMax }) => {
      using file = Deno.openSync(join(path, name));
      file.seekSync(offset, Deno.SeekMode.Start);
      return readAtMost(file, Math.min(bytesMax, Math.max(0, file.statSync().size - offset)));
    },
  };
}

/** See Disk.replace. */
export async function replaceFile(
  folder: string,
  { name, blocks }: { name: string; blocks: readonly Uint8Array[] },
): Promise<void> {
  const temporary = join(folder, name + TEMPORARY);
  try {
    await writeDurably(temporary, blocks);
    await Deno.rename(temporary, join(folder, name));
  } catch (error) {
    // On a full disk it would keep the room that the journal waits for.
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
  await syncFolder(folder);
}

async function syncFolder(path: string): Promise<void> {
  using folder = await Deno.open(path);
  await folder.sync();
}

async function writeDurably(path: string, blocks: readonly Uint8Array[]): Promise<void> {
  using file = await Deno.open(path, { create: true, write: true, truncate: true });
  for (const block of blocks) {
    for (let written = 0; written < block.length;) written += await file.write(block.subarray(written));
  }
  await file.syncData();
}

function readStart(path: string, bytesMax?: number): Uint8Array<ArrayBuffer> {
  if (bytesMax === undefined) return Deno.readFileSync(path);
  using file = Deno.openSync(path);
  return readAtMost(file, Math.min(bytesMax, file.statSync().size));
}

function readAtMost(file: Deno.FsFile, bytesMax: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(bytesMax);
  let length = 0;
  for (let read: number | null = 1; read && length < bytes.length; length += read ?? 0) {
    read = file.readSync(bytes.subarray(length));
  }
  return bytes.subarray(0, length);
}
