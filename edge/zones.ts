// Which fleet and zone a drone belongs to: Deno KV behind an LRU. Answers at once from memory; what memory does not
// hold is looked up meanwhile and told to `onChange`. Entries live under ["slipstream", "zones", droneId].
import { LRUCache } from "lru-cache";

export interface Zone {
  fleet: string;
  zone: string;
}

export interface ZonesSettings {
  /** For drones without an entry. */
  fallback: Zone;
  entriesMax: number;
  /** Age in ms after which an entry is looked up again. */
  ttlMs: number;
  now: () => number;
  onChange: (droneId: string, zone: Zone) => void;
  onError: (error: unknown) => void;
}

const PREFIX = ["slipstream", "zones"];

export class Zones {
  readonly #kv: Deno.Kv | null;
  readonly #settings: ZonesSettings;
  readonly #cache: LRUCache<string, { zone: Zone; readMs: number }>;
  readonly #reading = new Set<string>();

  /** @param kv null: every drone gets the fallback. */
  constructor(kv: Deno.Kv | null, settings: ZonesSettings) {
    this.#kv = kv;
    this.#settings = settings;
    this.#cache = new LRUCache({ max: settings.entriesMax });
  }

  /** Fills the cache, so that the first frame of a known drone already finds its zone. */
  async preload(): Promise<void> {
    if (!this.#kv) return;
    for await (const { key, value } of this.#kv.list({ prefix: PREFIX }, { limit: this.#settings.entriesMax })) {
      this.#keep(String(key.at(-1)), value);
    }
  }

  of(droneId: string): Zone {
    if (!this.#kv) return this.#settings.fallback;
    const cached = this.#cache.get(droneId);
    if (!cached || this.#settings.now() - cached.readMs > this.#settings.ttlMs) this.#read(droneId, this.#kv);
    return cached?.zone ?? this.#settings.fallback;
  }

  #read(droneId: string, kv: Deno.Kv): void {
    if (this.#reading.has(droneId)) return;
    this.#reading.add(droneId);
    kv.get([...PREFIX, droneId])
      .then(({ value }) => this.#settings.onChange(droneId, this.#keep(droneId, value)))
      .catch(this.#settings.onError)
      .finally(() => this.#reading.delete(droneId));
  }

  #keep(droneId: string, value: unknown): Zone {
    const zone = { ...this.#settings.fallback, ...parseZone(value) };
    this.#cache.set(droneId, { zone, readMs: this.#settings.now() });
    return zone;
  }
}

// An entry is {"zone": "north"} or {"fleet": "…", "zone": "…"}; anything else falls back.
function parseZone(value: unknown): Partial<Zone> {
  const entry = (value ?? {}) as Record<string, unknown>;
  const zone: Partial<Zone> = {};
  if (typeof entry.fleet === "string" && entry.fleet !== "") zone.fleet = entry.fleet;
  if (typeof entry.zone === "string" && entry.zone !== "") zone.zone = entry.zone;
  return zone;
}
