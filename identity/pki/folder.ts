// The folder that a PKI lives in. One process at a time has it; a file is there as a whole or as it was before.
import { dirname, join } from "node:path";

const LOCK = "lock";
/** Of whoever runs the PKI alone: keys are in it. */
const FOLDER_MODE = 0o700;
const [SECRET_MODE, PUBLIC_MODE] = [0o600, 0o644];

export class PkiFolder implements Disposable {
  readonly #path: string;
  readonly #lock: Deno.FsFile;

  private constructor(path: string, lock: Deno.FsFile) {
    this.#path = path;
    this.#lock = lock;
  }

  /** A new one, or one that is empty so far. @throws {Error} when there is anything in it: nothing is overwritten */
  static async create(path: string): Promise<PkiFolder> {
    Deno.mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
    refuseFull(path);
    const folder = await PkiFolder.#locked(path, { create: true });
    try {
      // Another one may have made its PKI while this one waited.
      refuseFull(path);
      Deno.chmodSync(path, FOLDER_MODE);
      return folder;
    } catch (error) {
      folder[Symbol.dispose]();
      throw error;
    }
  }

  /** One that has a PKI; waits for whoever has it. @throws {Error} when there is none */
  static async open(path: string): Promise<PkiFolder> {
    try {
      return await PkiFolder.#locked(path, { create: false });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new Error(`Cannot use ${path}: there is no PKI in it; deno task pki init makes one`, { cause: error });
    }
  }

  static async #locked(path: string, { create }: { create: boolean }): Promise<PkiFolder> {
    const lock = Deno.openSync(join(path, LOCK), { create, write: true, mode: SECRET_MODE });
    await lock.lock(true);
    return new PkiFolder(path, lock);
  }

  /** @throws {Error} when it is not there */
  read(name: string): string {
    try {
      return Deno.readTextFileSync(join(this.#path, name));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new Error(`Cannot use ${this.#path}: ${name} is missing`, { cause: error });
    }
  }

  /** Puts a whole file in place, durably; only its owner reads it if it is secret. Its path. */
  replace(name: string, text: string, { isSecret }: { isSecret: boolean }): string {
    const path = join(this.#path, name);
    const aside = `${path}.new`;
    Deno.mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE });
    // What a crash left half written may have other permissions.
    removeIfThere(aside);
    writeDurably(aside, { text, mode: isSecret ? SECRET_MODE : PUBLIC_MODE });
    Deno.renameSync(aside, path);
    using folder = Deno.openSync(dirname(path));
    folder.syncSync();
    return path;
  }

  [Symbol.dispose](): void {
    this.#lock.close();
  }
}

function refuseFull(path: string): void {
  const names = [...Deno.readDirSync(path)].map(({ name }) => name).filter((name) => name !== LOCK).sort();
  if (names.length > 0) throw new Error(`Cannot make a PKI in ${path}: the folder has ${names.join(", ")} already`);
}

function writeDurably(path: string, { text, mode }: { text: string; mode: number }): void {
  using file = Deno.openSync(path, { createNew: true, write: true, mode });
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
  file.syncSync();
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
