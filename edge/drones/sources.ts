// As which source a connection speaks for a drone's boot, where that is not the first one: another connection says
// different things under the same id.

/** Those noted longest ago are forgotten, and found again by what the connection sends. */
const ENTRIES_MAX = 1024;

export class Sources {
  readonly #sources = new Map<string, number>();

  get size(): number {
    return this.#sources.size;
  }

  of(droneId: string, bootId: number): number {
    return this.#sources.get(`${bootId}/${droneId}`) ?? 0;
  }

  note(droneId: string, { bootId, source }: { bootId: number; source: number }): void {
    const key = `${bootId}/${droneId}`;
    this.#sources.delete(key);
    if (source === 0) return;
    this.#sources.set(key, source);
    if (this.#sources.size > ENTRIES_MAX) this.#sources.delete(this.#sources.keys().next().value!);
  }
}
