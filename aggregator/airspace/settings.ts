// What a conflict is, in one object: protected volumes, look-ahead, how uncertainty widens them, and the bounds.
import type { Volume } from "./cylinder.ts";
import type { WellClearVolume } from "./well_clear.ts";

/** Every threshold of the airspace. */
export interface AirspaceSettings {
  warning: Volume;
  critical: Volume;
  /** Distances at which a pair of which one has no velocity warns and alerts, whatever their course. */
  stagedWarningM: number;
  stagedCriticalM: number;
  /** Instead of the volumes above where one of the pair is crewed; of two crewed aircraft others take care. */
  crewedWarning: WellClearVolume;
  crewedCritical: WellClearVolume;
  /** Ids that begin so are crewed traffic. */
  crewedIdPrefix: string;
  /** Volumes grow by this many standard deviations of the pair's position. */
  sigmas: number;
  /** One sigma where the drone does not say. */
  hAccM: number;
  vAccM: number;
  /** An open conflict ends outside volumes that are so much larger, in space and time … */
  hysteresis: number;
  /** … after this long outside. */
  clearUs: number;
  /**
   * Silence after which a drone in the air is a ghost: somewhere within its last speed times its silence. Of one that reports
   * less often it is longer: see Reporting.
   */
  ghostAfterUs: number;
  /** A ghost may have moved at this speed even if it hovered. */
  ghostSpeedMps: number;
  /** A ghost does not grow beyond these, and is given up after so much silence. */
  ghostRadiusMaxM: number;
  ghostHeightMaxM: number;
  ghostExpiresUs: number;
  /** A velocity above it is taken for not measured. */
  speedMaxMps: number;
  /** Pairs that one update tests; of more in reach the nearest, and the others in turn. */
  testsMax: number;
  /** Open conflicts of one drone, and of all; further ones are counted. A quarter is kept for critical ones. */
  pairsOfDroneMax: number;
  /** Beside them those with traffic, which may be made up. */
  trafficPairsOfDroneMax: number;
  pairsMax: number;
  /** Aircraft that are nobody's here, at once. */
  trafficMax: number;
  /** More drones than this within one's warning volume are a crowd: one alert of all of them, told anew so often at most. */
  crowdPairs: number;
  crowdReviewUs: number;
  /** Conflicts within its crowd that a drone is told of beside it: the soonest, of those that come nearer. */
  crowdPairsOfDroneMax: number;
  /** Of those that the alert of a crowd names, and that are warned of it. */
  crowdDronesNamed: number;
}

/**
 * Drones: 50 m × 15 m within 30 s, 25 m × 10 m within 10 s. Crewed traffic: the 2,000 ft × 250 ft of ASTM F3442 with the
 * 35 s of RTCA DO-365's modified tau, and without it to alert.
 */
export const AIRSPACE_DEFAULTS: AirspaceSettings = {
  warning: { radiusM: 50, halfHeightM: 15, lookAheadS: 30 },
  critical: { radiusM: 25, halfHeightM: 10, lookAheadS: 10 },
  stagedWarningM: 150,
  stagedCriticalM: 50,
  crewedWarning: { dthrM: 610, zthrM: 76, tthrS: 35, tcoaS: 0, lookAheadS: 30 },
  crewedCritical: { dthrM: 610, zthrM: 76, tthrS: 0, tcoaS: 0, lookAheadS: 10 },
  crewedIdPrefix: "crewed-",
  sigmas: 2,
  hAccM: 3,
  vAccM: 5,
  hysteresis: 1.2,
  clearUs: 2_000_000,
  ghostAfterUs: 3_000_000,
  ghostSpeedMps: 2,
  ghostRadiusMaxM: 500,
  ghostHeightMaxM: 100,
  ghostExpiresUs: 60_000_000,
  speedMaxMps: 100,
  testsMax: 64,
  pairsOfDroneMax: 32,
  trafficPairsOfDroneMax: 8,
  pairsMax: 16_384,
  trafficMax: 2000,
  crowdPairs: 6,
  crowdReviewUs: 1_000_000,
  crowdPairsOfDroneMax: 4,
  crowdDronesNamed: 16,
};
