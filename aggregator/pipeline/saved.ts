// The pipeline's state as plain values, for checkpoints. Objects that several operators share (drones, boots,
// memberships) are saved once and referred to, so that they are shared again after the state is restored. What is saved
// shares nothing with the live state that changes: it can be serialized whenever there is time.
import type { SavedAirspace } from "../airspace/airspace.ts";
import type { SavedFixGate } from "../airspace/fix_gate.ts";
import type { SavedAlerts } from "./alerts.ts";
import type { SavedBatteryRule } from "./battery.ts";
import type { SavedClock } from "./clock.ts";
import type { SavedCounting } from "./counting.ts";
import { Drone, type Membership, membershipOf } from "./drones.ts";
import type { SavedListening } from "./listening.ts";
import type { SavedObstacleRule } from "./obstacles.ts";
import type { SavedLatency } from "./latency.ts";
import { type SavedSeqSet, SeqSet } from "./seq_set.ts";
import type { SavedSession } from "./sessions.ts";
import type { BatteryView, FleetView, PositionView } from "./views.ts";
import type { SavedWatermark } from "./watermark.ts";
import type { SavedWindows } from "./windows.ts";

/** Changes whenever the shape below does: a checkpoint of another version is not read. */
export const STATE_VERSION = 4;

/** Everything the pipeline knows. */
export interface PipelineState {
  drones: SavedDrone[];
  sessions: SavedSession[];
  batchIds: Uint8Array<ArrayBuffer>;
  watermark: SavedWatermark;
  windows: SavedWindows;
  alerts: SavedAlerts;
  airspace: SavedAirspace;
  listening: SavedListening;
  counting: SavedCounting;
  sensorToAlert: SavedLatency;
  batches: FleetView["batches"];
}

export interface SavedMembership {
  drone: SavedDrone;
  fleet: string;
  zone: string;
}

export interface SavedDrone {
  droneId: string;
  clock: SavedClock;
  boots: [number, SavedSeqSet][];
  memberships: SavedMembership[];
  batteries: (BatteryView & { savedRule: SavedBatteryRule })[];
  edgeId: string;
  bootId: number;
  membership: SavedMembership;
  records: number;
  lastEventTimeUs: number;
  lastIngestionTimeUs: number;
  flags: number;
  flagsSeq: number;
  linkLost: boolean;
  position: PositionView | null;
  lastGlitchUs: number;
  fixGate: SavedFixGate;
  obstacles: [number, SavedObstacleRule][];
}

/** Saves each shared object once. */
export class Saver {
  readonly #drones = new Map<Drone, SavedDrone>();
  readonly #seqs = new Map<SeqSet, SavedSeqSet>();
  readonly #memberships = new Map<Membership, SavedMembership>();

  drone(drone: Drone): SavedDrone {
    let saved = this.#drones.get(drone);
    if (!saved) {
      // Entered before it is filled: its memberships refer back to it.
      saved = {} as SavedDrone;
      this.#drones.set(drone, saved);
      Object.assign(saved, drone.save(this));
    }
    return saved;
  }

  seqs(seqs: SeqSet): SavedSeqSet {
    let saved = this.#seqs.get(seqs);
    if (!saved) this.#seqs.set(seqs, saved = seqs.save());
    return saved;
  }

  membership(membership: Membership): SavedMembership {
    let saved = this.#memberships.get(membership);
    if (!saved) {
      const { fleet, zone } = membership;
      saved = { fleet, zone } as SavedMembership;
      this.#memberships.set(membership, saved);
      saved.drone = this.drone(membership.drone);
    }
    return saved;
  }
}

/** Brings each shared object back once. */
export class Restorer {
  readonly #drones = new Map<SavedDrone, Drone>();
  readonly #seqs = new Map<SavedSeqSet, SeqSet>();
  readonly #memberships = new Map<SavedMembership, Membership>();

  drone(saved: SavedDrone): Drone {
    let drone = this.#drones.get(saved);
    if (!drone) {
      const { fleet, zone } = saved.membership;
      drone = new Drone(saved.droneId, { fleet, zone });
      this.#drones.set(saved, drone);
      drone.restore(saved, this);
    }
    return drone;
  }

  seqs(saved: SavedSeqSet): SeqSet {
    let seqs = this.#seqs.get(saved);
    if (!seqs) this.#seqs.set(saved, seqs = SeqSet.restore(saved));
    return seqs;
  }

  membership(saved: SavedMembership): Membership {
    let membership = this.#memberships.get(saved);
    if (!membership) {
      membership = membershipOf(this.drone(saved.drone), saved);
      // Restoring the drone may have restored this membership on the way.
      const known = this.#memberships.get(saved);
      if (known) return known;
      this.#memberships.set(saved, membership);
    }
    return membership;
  }
}
