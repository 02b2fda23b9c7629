// Which fleet and zone a drone belongs to: Deno KV behind an LRU. Answers at once from memory; what memory does not
// hold is looked up meanwhile, and again while the drone flies on, and told to `onChange`. While KV fails, what is known
// stays as it is. Entries live under ["slipstream", "zones", droneId].
import QuickLRU from "quick-lru";
import { PROBE_FLEET, PROBE_PREFIX } from "../../proto/words.ts";

export interface Zone {
  fleet: string;
  zone: string;
  /** The formation that the operator says the drone is of, whatever it says itself; empty: of none. Absent: what it says counts. */
  group?: string;
}

export interface ZonesSettings {
  /** For drones without an entry. */
  fallback: Zone;
  entriesMax: number;
  /** Age in ms after which an entry is looked up again. */
  ttlMs: number;
  now: () => number;
  onChange: (droneId: string, zone: Zone) => void;
  /** Lookups have failed since the last refresh, so many of them. */
  onError: (error: unknown, failures: number) => void;
}

/** There is none; the last lookup succeeded, or nobody was looked up yet; it failed. */
export type KvState = "off" | "works" | "fails";

const PROBE_ZONE: Zone = { fleet: PROBE_FLEET, zone: PROBE_FLEET };
/** Lookups under way: a store that hangs holds no more than these. */
const READING_MAX = 1000;

const PREFIX = ["slipstream", "zones"];
/** Of a formation's name, in a frame as in an entry. */
const GROUP_BYTES_MAX = 64;
const encoder = new TextEncoder();

export class Zones {
  readonly #kv: Deno.Kv | null;
  readonly #settings: ZonesSettings;
  readonly #cache: QuickLRU<string, { zone: Zone; readMs: number }>;
  readonly #reading = new Set<string>();
  /** Drones that were asked for and looked up, and when: the longest ago first. */
  readonly #followed = new Map<string, number>();
  /** Drones to be looked up at the next refresh. */
  readonly #next = new Set<string>();
  #failures = 0;
  #error: unknown;
  /** The last lookup that ended did so with an error. */
  #isFailing = false;

  /** @param kv null: every drone gets the fallback. */
  constructor(kv: Deno.Kv | null, settings: ZonesSettings) {
    this.#kv = kv;
    this.#settings = settings;
    this.#cache = new QuickLRU({ maxSize: settings.entriesMax });
  }

  /** What the last lookup said of the database. */
  get state(): KvState {
    if (!this.#kv) return "off";
    return this.#isFailing ? "fails" : "works";
  }

  /** Fills the cache, so that the first frame of a known drone already finds its zone. */
  async preload(): Promise<void> {
    if (!this.#kv) return;
    for await (const { key, value } of this.#kv.list({ prefix: PREFIX }, { limit: this.#settings.entriesMax })) {
      this.#keep(String(key.at(-1)), value);
    }
  }

  of(droneId: string): Zone {
    if (!this.#kv) return this.#fallbackOf(droneId);
    const cached = this.#cache.get(droneId);
    if (!cached || this.#isDue(cached.readMs)) this.#read(droneId, this.#kv);
    else if (!this.#followed.has(droneId)) this.#lookUpNext(droneId);
    return cached?.zone ?? this.#fallbackOf(droneId);
  }

  /**
   * About once a second: looks up again, of the drones that `flies` knows, those whose entries are older than the time to
   * live, at most READING_MAX at a time. An edited entry reaches its drone within the time to live and a second, while
   * there are no more drones than READING_MAX a second of it.
   */
  refresh(flies: (droneId: string) => boolean): void {
    if (this.#failures > 0) this.#settings.onError(this.#error, this.#failures);
    this.#failures = 0;
    if (!this.#kv) return;
    for (const droneId of this.#next) {
      if (this.#reading.size >= READING_MAX) return;
      this.#next.delete(droneId);
      if (flies(droneId)) this.#read(droneId, this.#kv);
    }
    for (const [droneId, readMs] of this.#followed) {
      if (this.#reading.size >= READING_MAX || !this.#isDue(readMs)) return;
      this.#followed.delete(droneId);
      if (flies(droneId)) this.#read(droneId, this.#kv);
    }
  }

  #isDue(readMs: number): boolean {
    return this.#settings.now() - readMs > this.#settings.ttlMs;
  }

  #read(droneId: string, kv: Deno.Kv): void {
    if (this.#reading.has(droneId)) return;
    if (this.#reading.size >= READING_MAX) return this.#lookUpNext(droneId);
    this.#reading.add(droneId);
    kv.get([...PREFIX, droneId])
      .then(({ value }) => {
        this.#isFailing = false;
        this.#settings.onChange(droneId, this.#keep(droneId, value));
      })
      .catch((error) => {
        this.#isFailing = true;
        this.#failures++;
        this.#error = error;
        if (!this.#cache.has(droneId)) this.#lookUpNext(droneId);
      })
      .finally(() => {
        this.#reading.delete(droneId);
        this.#followed.delete(droneId);
        this.#followed.set(droneId, this.#settings.now());
        if (this.#followed.size > this.#settings.entriesMax) this.#followed.delete(this.#followed.keys().next().value!);
      });
  }

  // Without room it is looked up when its drone is asked for again.
  #lookUpNext(droneId: string): void {
    if (this.#next.size < this.#settings.entriesMax) this.#next.add(droneId);
  }

  #fallbackOf(droneId: string): Zone {
    return droneId.startsWith(PROBE_PREFIX) ? PROBE_ZONE : this.#settings.fallback;
  }

  #keep(droneId: string, value: unknown): Zone {
    const zone = { ...this.#fallbackOf(droneId), ...parseZone(value) };
    this.#cache.set(droneId, { zone, readMs: this.#settings.now() });
    return zone;
  }
}

// An entry is {"zone": "north"} or {"fleet": "…", "zone": "…", "group": "…"}; anything else falls back.
function parseZone(value: unknown): Partial<Zone> {
  const entry = (value ?? {}) as Record<string, unknown>;
  const zone: Partial<Zone> = {};
  if (typeof entry.fleet === "string" && entry.fleet !== "") zone.fleet = entry.fleet;
  if (typeof entry.zone === "string" && entry.zone !== "") zone.zone = entry.zone;
  if (typeof entry.group === "string" && encoder.encode(entry.group).length <= GROUP_BYTES_MAX) {
    zone.group = entry.group;
  }
  return zone;
}
