// The pipeline's state as plain values, in pieces that are written and read one after the other. Objects that several
// operators share (drones, boots, memberships) are saved once and referred to by number, so that they are shared again
// after the state is restored:
//
//   rest │ shared, known │ shared, sources │ … │ shared, panes │ … │ shared, past │ …       pieces, in order
//          ▲ drones 0–15                ▲ slot 7 ▸ drone 3, boot 12
//            boots, memberships of these           numbers count from the first piece on, by kind
//
// A piece refers to what stands in it or before it, so that a reader needs to look at each only once.
import type { SavedAirspace } from "../../airspace/view.ts";
import type { AuditHead } from "../../audit/chain.ts";
import type { SavedAlerts } from "../../alerts/alerts.ts";
import type { SavedCounting } from "../records/counting.ts";
import { Drone, type Membership, membershipOf, type SavedDrone } from "../drones/drone.ts";
import type { SavedKnown } from "../drones/drones.ts";
import type { SavedHearing } from "../edges/hearing.ts";
import type { SavedLatency } from "../../../platform/latency.ts";
import type { SavedListening } from "./listening.ts";
import type { SavedPast } from "../windows/past.ts";
import { type SavedSeqSet, SeqSet } from "../drones/seq_set.ts";
import type { SavedSources } from "../drones/sessions.ts";
import type { Erased } from "../../outputs.ts";
import type { FleetView } from "../../views.ts";
import type { SavedTraffic } from "../traffic/traffic.ts";
import type { SavedWatermark } from "../windows/watermark.ts";
import type { SavedSecond, SavedWindows } from "../windows/saved_windows.ts";

/** Changes whenever the shape below does: a checkpoint of another version is not read. */
export const STATE_VERSION = 14;

/** All pieces are everything the pipeline knows; what one refers to by number is in it or before it. */
export type StatePiece = SavedRest | SavedShared | SavedKnown | SavedSources | SavedSecond | SavedPast;

/** What is small, or copied as a block. */
export interface SavedRest {
  type: "rest";
  /** Names and values of those that may be changed: see Tuning. */
  settings: [string, number][];
  environment: [string, string][];
  audit: AuditHead;
  windows: SavedWindows;
  batchIds: Uint8Array<ArrayBuffer>;
  watermark: SavedWatermark;
  alerts: SavedAlerts;
  airspace: SavedAirspace;
  listening: SavedListening;
  counting: SavedCounting;
  sensorToAlert: SavedLatency;
  batches: FleetView["batches"];
  hearing: SavedHearing;
  erasures: Erased[];
  traffic: SavedTraffic;
}

/** More objects that are referred to; of each kind the first one of all is number 0. */
export interface SavedShared {
  type: "shared";
  drones: SavedDrone[];
  boots: SavedSeqSet[];
  memberships: SavedMembership[];
}

export interface SavedMembership {
  drone: number;
  fleet: string;
  zone: string;
}

/** In one piece at most: each takes well under a millisecond to read, and as long to write. */
export const DRONES_MAX = 16;

/** Saves each shared object once, and gives it its number. */
export class Saver {
  readonly #drones = new Map<Drone, number>();
  readonly #boots = new Map<SeqSet, number>();
  readonly #memberships = new Map<Membership, number>();
  #shared: SavedShared[] = [];

  drone(drone: Drone): number {
    const known = this.#drones.get(drone);
    if (known !== undefined) return known;
    // Entered before it is filled: its memberships refer back to it, and are in the same piece.
    const saved = {} as SavedDrone;
    const number = enter(this.#drones, drone);
    const { drones } = this.#piece();
    if (drones.length < DRONES_MAX) drones.push(saved);
    else this.#shared.push({ ...nothingShared(), drones: [saved] });
    Object.assign(saved, drone.save(this));
    return number;
  }

  boot(seqs: SeqSet): number {
    const known = this.#boots.get(seqs);
    if (known !== undefined) return known;
    this.#piece().boots.push(seqs.save());
    return enter(this.#boots, seqs);
  }

  membership(membership: Membership): number {
    // A drone that is saved now brings its memberships along.
    const drone = this.drone(membership.drone);
    const known = this.#memberships.get(membership);
    if (known !== undefined) return known;
    const { fleet, zone } = membership;
    this.#piece().memberships.push({ drone, fleet, zone });
    return enter(this.#memberships, membership);
  }

  /** What was saved since the last time, in order. */
  take(): SavedShared[] {
    const shared = this.#shared;
    this.#shared = [];
    return shared;
  }

  #piece(): SavedShared {
    if (this.#shared.length === 0) this.#shared.push(nothingShared());
    return this.#shared.at(-1)!;
  }
}

function nothingShared(): SavedShared {
  return { type: "shared", drones: [], boots: [], memberships: [] };
}

function enter<T>(numbers: Map<T, number>, object: T): number {
  const number = numbers.size;
  numbers.set(object, number);
  return number;
}

/** Brings shared objects back, by number. */
export class Restorer {
  readonly #drones: Drone[] = [];
  readonly #boots: SeqSet[] = [];
  readonly #memberships: Membership[] = [];

  add({ drones, boots, memberships }: SavedShared): void {
    const [firstDrone, firstMembership] = [this.#drones.length, this.#memberships.length];
    for (const seqs of boots) this.#boots.push(SeqSet.restore(seqs));
    for (const { droneId, doubleOf, isForgotten, membership } of drones) {
      const place = numbered(memberships, membership - firstMembership);
      this.#drones.push(new Drone(droneId, { ...place, doubleOf, isForgotten }));
    }
    for (const saved of memberships) this.#memberships.push(membershipOf(this.drone(saved.drone), saved));
    for (const [i, saved] of drones.entries()) this.drone(firstDrone + i).restore(saved, this);
  }

  drone(number: number): Drone {
    return numbered(this.#drones, number);
  }

  boot(number: number): SeqSet {
    return numbered(this.#boots, number);
  }

  membership(number: number): Membership {
    return numbered(this.#memberships, number);
  }
}

function numbered<T>(list: readonly T[], number: number): T {
  const found = list[number];
  if (found === undefined) throw new Error(`Cannot restore the state: it refers to number ${number} of ${list.length}`);
  return found;
}
