// What a sink keeps of results, keyed as the SQLite sink keys them; what waits for a flush is lost with the process.
import type { DeliveryPlace } from "../../aggregator/outputs.ts";
import type { Output } from "../../aggregator/outputs.ts";

interface Kept {
  rank: number;
  body: string;
}

export class Store {
  readonly #rows = new Map<string, Kept>();
  #queue: [string, Kept][] = [];
  /** A flush fails while set, and its rows wait. */
  locked = false;

  take(outputs: Output[], { journalId, index }: DeliveryPlace): void {
    for (const [ordinal, output] of outputs.entries()) {
      if (output.type === "alert") {
        this.#put(`alert ${journalId} ${output.alert.alertId}`, index, output.alert);
      } else if (output.type === "late") {
        this.#put(`late ${journalId} ${index} ${ordinal}`, 0, output.late);
      } else if (output.type === "audit") {
        this.#put(`audit ${journalId} ${`${output.record.seq}`.padStart(9, "0")}`, 0, output.record);
      } else if (output.type === "tumbling" || output.type === "sliding") {
        const { fleet, zone, startUs, revision, final } = output.window;
        this.#put(JSON.stringify([output.type, fleet, zone, startUs]), 2 * revision + Number(final), output.window);
      }
    }
  }

  /** @throws {Error} while locked */
  flush(): void {
    if (this.#queue.length === 0) return;
    if (this.locked) throw new Error("database is locked");
    for (const [key, row] of this.#queue) {
      const before = this.#rows.get(key);
      if (!before || row.rank >= before.rank) this.#rows.set(key, row);
    }
    this.#queue = [];
  }

  /** The process is gone. */
  crash(): void {
    this.#queue = [];
  }

  /** Rows whose keys begin so, sorted by key. */
  rows(prefix: string): { key: string; body: string }[] {
    return [...this.#rows].filter(([key]) => key.startsWith(prefix)).map(([key, { body }]) => ({ key, body }))
      .sort((a, b) => a.key < b.key ? -1 : 1);
  }

  #put(key: string, rank: number, value: unknown): void {
    this.#queue.push([key, { rank, body: JSON.stringify(value) }]);
  }
}
