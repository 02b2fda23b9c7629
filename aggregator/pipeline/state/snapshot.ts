// The pipeline's state as of one moment, read in pieces while the pipeline goes on: a position that means a conflict does
// not wait until a whole fleet is copied. Copy on write: whoever is about to change something says so, and what the
// snapshot has not read of it yet is read before. What is small is copied when the snapshot is taken.
//
//   time ──▶   begin          piece 1      piece 2               piece 3
//   drone A    (as of begin)  read ······· changes: no matter
//   drone B    (as of begin) ·············· beforeDrone: read now, then changes; piece 3 holds the early copy
//
// Past windows are frozen, which is why they come last: nothing has to watch them.
import type { Drone, DroneWatch } from "../drones/drone.ts";
import type { Pane } from "../windows/pane.ts";
import { DRONES_MAX, type SavedRest, Saver, type StatePiece } from "./saved.ts";
import type { FrozenFiring, FrozenSecond } from "../windows/past.ts";
import { PanesImage } from "../windows/panes_image.ts";
import type { PaneWatch, Second } from "../windows/second.ts";
import { type SavedSources, saveSources, type Source, type SourceWatch } from "../drones/sessions.ts";

/** In one piece at most, as DRONES_MAX is. */
const SOURCES_MAX = 1024;
const PANES_MAX = 128;
const FIRINGS_MAX = 64;

/** What a snapshot reads from; lists as they were when it was taken. */
export interface SnapshotParts {
  rest: SavedRest;
  drones: Drone[];
  /** Keys, and slots with what they name. */
  sessions: [string, [number, Source][]][];
  seconds: [number, Second][];
  pastSeconds: [number, FrozenSecond][];
  pastFirings: [string, FrozenFiring][];
}

/** Of one moment; to be read once. */
class Snapshot {
  readonly #parts: SnapshotParts;
  readonly #saver = new Saver();
  readonly #images: Map<Second, PanesImage>;

  constructor(parts: SnapshotParts) {
    this.#parts = parts;
    this.#images = new Map(parts.seconds.map(([, second]) => [second, new PanesImage(second.panes)]));
  }

  /** Records of a source are about to be counted. */
  beforeRecords({ drone, seqs }: Source): void {
    this.#saver.drone(drone);
    this.#saver.boot(seqs);
  }

  /** A drone is about to change. */
  beforeDrone(drone: Drone): void {
    this.#saver.drone(drone);
  }

  /** A record is about to be added to a pane. */
  beforePane(second: Second, pane: Pane): void {
    this.#images.get(second)?.keep(pane);
  }

  /** All of it, a little at a time. */
  *pieces(): Generator<StatePiece> {
    const { rest, drones, sessions, seconds } = this.#parts;
    yield rest;
    for (let from = 0; from < drones.length; from += DRONES_MAX) {
      for (const drone of drones.slice(from, from + DRONES_MAX)) this.#saver.drone(drone);
      yield* this.#saver.take();
    }
    const known = Uint32Array.from(drones, (drone) => this.#saver.drone(drone));
    yield { type: "known", drones: known };
    for (const [session, slots] of sessions) yield* this.#sources(session, slots);
    for (const [number, second] of seconds) yield* this.#panes(number, second);
    yield* this.#past();
  }

  // A session without slots is known as well.
  *#sources(session: string, slots: [number, Source][]): Generator<StatePiece> {
    for (let from = 0; from === 0 || from < slots.length; from += SOURCES_MAX) {
      const saved = saveSources(slots.slice(from, from + SOURCES_MAX), this.#saver);
      yield* this.#saver.take();
      yield { type: "sources", session, ...saved } satisfies SavedSources;
    }
  }

  *#panes(number: number, second: Second): Generator<StatePiece> {
    const image = this.#images.get(second);
    for (let from = 0; image && from < image.count; from += PANES_MAX) {
      const panes = image.save(from, Math.min(image.count, from + PANES_MAX), this.#saver);
      yield* this.#saver.take();
      yield { type: "panes", second: number, panes };
    }
    this.#images.delete(second);
  }

  // What is frozen does not change: it is read as it is.
  *#past(): Generator<StatePiece> {
    const { pastSeconds, pastFirings } = this.#parts;
    for (const [second, { memberships, blocks }] of pastSeconds) {
      const numbers = Uint32Array.from(memberships, (membership) => this.#saver.membership(membership));
      yield* this.#saver.take();
      yield { type: "past", seconds: [{ second, memberships: numbers, blocks }], firings: [] };
    }
    for (let from = 0; from < pastFirings.length; from += FIRINGS_MAX) {
      yield { type: "past", seconds: [], firings: pastFirings.slice(from, from + FIRINGS_MAX) };
    }
  }
}

/** The snapshot that is being read, if any; whoever changes what it reads says so here before. */
export class Snapshots implements DroneWatch, SourceWatch, PaneWatch {
  #current: Snapshot | null = null;

  beforeDrone(drone: Drone): void {
    this.#current?.beforeDrone(drone);
  }

  beforeRecords(source: Source): void {
    this.#current?.beforeRecords(source);
  }

  beforePane(second: Second, pane: Pane): void {
    this.#current?.beforePane(second, pane);
  }

  /** Whoever reads one hears that it cannot be read on: it holds what must not be written any more. */
  giveUp(): void {
    this.#current = null;
  }

  /** Begins now. Ends when all pieces are read, when their reader stops half way, and when another begins: then it throws. */
  begin(parts: SnapshotParts): Generator<StatePiece> {
    return this.#read(this.#current = new Snapshot(parts));
  }

  *#read(snapshot: Snapshot): Generator<StatePiece> {
    try {
      for (const piece of snapshot.pieces()) {
        if (snapshot !== this.#current) {
          throw new Error("Cannot read a snapshot on: it is given up, or another one has begun");
        }
        yield piece;
      }
    } finally {
      if (snapshot === this.#current) this.#current = null;
    }
  }
}
