// What a hot path is told once, before its first frame.

export interface HotPathSettings {
  /** Records a second of one drone, and how many it may send at once. */
  droneRatePerS: number;
  droneBurst: number;
  /** The same for all drones together. */
  nodeRatePerS: number;
  nodeBurst: number;
  /** u32; random, so that nobody can choose ids that collide. */
  hashSeed: number;
  /** Hears of each trap of the module, once it is recovered from. */
  onTrap?: (error: unknown) => void;
}

/** A drone's burst is the longest frame: each that the contract allows can pass. */
export const HOT_PATH_DEFAULTS: HotPathSettings = {
  droneRatePerS: 100,
  droneBurst: 256,
  nodeRatePerS: 200_000,
  nodeBurst: 400_000,
  hashSeed: 0,
};
