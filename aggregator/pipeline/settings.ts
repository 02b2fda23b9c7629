// Every threshold of the pipeline, in one object.
import { AIRSPACE_DEFAULTS, type AirspaceSettings } from "../airspace/settings.ts";
import { BATTERY_DEFAULTS, type BatterySettings } from "./drones/battery.ts";
import { OBSTACLE_DEFAULTS, type ObstacleSettings } from "./drones/obstacles.ts";

export interface PipelineSettings {
  /** How much later than a record another one with an earlier event time may arrive and still be on time. */
  outOfOrdernessUs: number;
  edgeIdleUs: number;
  heldBackUsMax: number;
  edgesMax: number;
  /** How long after a window's end late records still revise it: as long as an edge may keep what it cannot deliver. */
  allowedLatenessUs: number;
  pastBytesMax: number;
  revisionUs: number;
  /** Units of work on windows with each arrival: see Firing. */
  windowUnits: number;
  h3Resolution: number;
  dronesMax: number;
  /** A drone that is silent for longer is forgotten. */
  droneKeptUs: number;
  /** Batch ids remembered, to recognise a batch that is sent again. */
  batchIdsMax: number;
  battery: BatterySettings;
  obstacle: ObstacleSettings;
  airspace: AirspaceSettings;
  linkLossUs: number;
  clockGoodUs: number;
  positionGoodUs: number;
  clashGoodUs: number;
  openAlertsMax: number;
  reminderUs: number;
  urgentReminderUs: number;
}

export const PIPELINE_DEFAULTS: PipelineSettings = {
  outOfOrdernessUs: 100_000,
  edgeIdleUs: 5_000_000,
  heldBackUsMax: 5_000_000,
  edgesMax: 256,
  allowedLatenessUs: 900_000_000,
  pastBytesMax: 256 << 20,
  revisionUs: 1_000_000,
  windowUnits: 500,
  h3Resolution: 9,
  dronesMax: 65_536,
  droneKeptUs: 30 * 86_400_000_000,
  batchIdsMax: 65_536,
  battery: BATTERY_DEFAULTS,
  obstacle: OBSTACLE_DEFAULTS,
  airspace: AIRSPACE_DEFAULTS,
  linkLossUs: 3_000_000,
  clockGoodUs: 10_000_000,
  positionGoodUs: 10_000_000,
  clashGoodUs: 10_000_000,
  openAlertsMax: 16_384,
  reminderUs: 60_000_000,
  urgentReminderUs: 5_000_000,
};
